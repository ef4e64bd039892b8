import json

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from crm_plus.engine.customer.abstention import CannotFit, Reason
from crm_plus.engine.customer.clusters import ClusterModel, fit_clusters

FEATURES = ("days", "orders", "amount")


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


CENTERS = np.array([[10, 40, 4000], [300, 1, 50], [30, 5, 300]])


def population(seed=1, n=400, centers=CENTERS):
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(centers)), n)
    return centers[truth] * rng.lognormal(0, 0.2, (len(truth), 3)), truth


@pytest.fixture(scope="module")
def model():
    return fit_clusters(population()[0], FEATURES)


def test_clusters_that_are_there_are_found(model):
    values, truth = population()
    codes = model.predict(values)
    assert len(model.clusters) == 3
    assert all(len(set(codes[truth == group])) == 1 for group in range(3))
    assert [cluster.size for cluster in model.clusters] == [400, 400, 400]


def test_the_number_of_clusters_is_the_one_with_the_highest_silhouette(model):
    criterion = dict(model.silhouettes)
    assert sorted(criterion) == [3, 4, 5, 6, 7, 8]
    assert max(criterion, key=criterion.get) == len(model.clusters)


def test_the_centers_are_typical_customers_in_the_units_of_the_features(model):
    centers = sorted(model.centers().values(), key=lambda center: center["days"])
    expected = [[10, 40, 4000], [30, 5, 300], [300, 1, 50]]
    for center, values in zip(centers, expected, strict=True):
        assert list(center) == list(FEATURES)
        assert list(center.values()) == pytest.approx(values, rel=0.1)
    codes = model.predict([list(center.values()) for center in model.centers().values()])
    assert codes.tolist() == list(model.centers())


def test_clusters_are_named_by_what_sets_them_apart(model):
    names = {cluster.name for cluster in model.clusters}
    assert "low days, high orders, high amount" in names
    assert "high days, low orders, low amount" in names
    assert len(names) == 3


def test_the_same_data_give_the_same_clusters(model):
    assert fit_clusters(population()[0], FEATURES) == model


def test_the_order_of_the_customers_does_not_matter(model):
    values, _truth = population()
    shuffled = fit_clusters(values[np.random.default_rng(9).permutation(len(values))], FEATURES)
    assert np.array_equal(shuffled.predict(values), model.predict(values))


def test_a_refresh_with_newer_data_keeps_every_code(model):
    newer, truth = population(seed=2)
    refreshed = fit_clusters(newer * [1.1, 1.05, 1.2], FEATURES, previous=model)
    before, after = model.predict(newer), refreshed.predict(newer * [1.1, 1.05, 1.2])
    assert np.array_equal(before, after)
    assert [cluster.code for cluster in refreshed.clusters] == [cluster.code for cluster in model.clusters]
    assert len(truth) == len(after)


MORE = np.vstack([CENTERS, [[2, 400, 90]], [[900, 60, 9]]])


def test_as_many_customers_as_before_keep_the_number_of_clusters(model):
    values, _truth = population(n=240, centers=MORE)
    assert len(values) == 1200
    refreshed = fit_clusters(values, FEATURES, previous=model)
    assert len(refreshed.clusters) == 3
    assert (refreshed.chosen_from, len(refreshed.silhouettes)) == (1200, 1)


def test_ten_times_as_many_customers_choose_it_anew_and_old_groups_go_on_under_their_codes(model):
    values, truth = population(n=2400, centers=MORE)
    assert len(values) == 12_000
    grown = fit_clusters(values, FEATURES, previous=model)
    assert [cluster.code for cluster in grown.clusters] == [1, 2, 3, 4, 5]
    assert grown.chosen_from == 12_000
    known = truth < len(CENTERS)
    assert np.array_equal(grown.predict(values[known]), model.predict(values[known]))
    fewer = fit_clusters(population(n=40_000)[0], FEATURES, previous=grown)
    assert len(fewer.clusters) == 3
    assert {cluster.code for cluster in fewer.clusters} < {1, 2, 3, 4, 5}


def test_other_features_begin_anew(model):
    other = fit_clusters(population()[0], ("a", "b", "c"), previous=model)
    assert other.features == ("a", "b", "c")
    assert len(other.silhouettes) > 1


def test_the_model_survives_json_with_the_same_predictions(model):
    again = ClusterModel.from_json(json.loads(json.dumps(model.to_json())))
    assert again == model
    assert np.array_equal(again.predict(population()[0]), model.predict(population()[0]))


def test_a_customers_cluster_does_not_depend_on_the_others(model):
    values, _truth = population()
    assert [int(model.predict(row[None])[0]) for row in values[::100]] == model.predict(values)[::100].tolist()


def test_the_rules_say_what_makes_each_cluster(model):
    assert {rule.cluster for rule in model.rules} == {cluster.code for cluster in model.clusters}
    assert sum(rule.coverage for rule in model.rules) == pytest.approx(1)
    assert all(rule.purity > 0.95 for rule in model.rules)


def test_too_few_different_customers_are_refused():
    with pytest.raises(CannotFit, match="1 customers, 60 are needed"):
        fit_clusters(np.ones((500, 3)), FEATURES)


def test_a_feature_that_never_varies_does_no_harm():
    values, _truth = population()
    values[:, 2] = 7.0
    assert len(fit_clusters(values, FEATURES).clusters) == 3


@pytest.mark.parametrize("values", [np.ones((5, 2)), np.full((100, 3), -1.0), np.full((100, 3), np.nan)])
def test_what_cannot_be_scaled_is_refused(values):
    with pytest.raises(ValueError, match=r"shape|finite"):
        fit_clusters(values, FEATURES)


CLOUDS = {
    "round": np.eye(3),
    "elongated": np.array([[1, -0.6, -0.5], [-0.6, 1, 0.85], [-0.5, 0.85, 1]]),
}


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_cloud_of_customers_has_no_clear_groups(cloud, seed):
    values = np.exp(np.random.default_rng(seed).multivariate_normal([3, 3, 5], CLOUDS[cloud], 1200))
    with pytest.raises(CannotFit, match="no clear groups") as refusal:
        fit_clusters(values, FEATURES)
    assert refusal.value.reason in (Reason.NO_CLEAR_GROUPS, Reason.ONE_GROUP)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_lopsided_cloud_has_no_clear_groups(seed):
    """Four groups were found each time: large samples of a lopsided cloud are all divided alike."""
    values = np.random.default_rng(seed).lognormal(0, 1, (2000, 3))
    with pytest.raises(CannotFit, match="no clear groups"):
        fit_clusters(values, FEATURES)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_groups_of_unequal_size_that_touch_are_found(seed):
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(3), [900, 250, 150])
    values = CENTERS[truth] * rng.lognormal(0, 0.45, (len(truth), 3))
    codes = fit_clusters(values, FEATURES).predict(values)
    assert sum(np.bincount(codes[truth == group]).max() for group in range(3)) > 0.9 * len(truth)
