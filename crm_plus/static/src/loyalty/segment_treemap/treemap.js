/**
 * A squarified treemap (Bruls, Huizing, van Wijk 2000): rectangles whose areas are in proportion to the values, as
 * square as can be, the largest first.
 *
 * @param {{ value: number }[]} items those without a positive value are left out
 * @param {number} width of the box that is filled
 * @param {number} height
 * @returns {({ value, x, y, width, height })[]} the items with their rectangles, in percent of the box
 */
export function treemap(items, width, height) {
    const sorted = items.filter(({ value }) => value > 0).toSorted((a, b) => b.value - a.value);
    const total = sorted.reduce((sum, { value }) => sum + value, 0);
    const areas = sorted.map((item) => ({ item, area: (item.value / total) * width * height }));
    const placed = [];
    let box = { x: 0, y: 0, width, height };
    while (areas.length) {
        const side = Math.min(box.width, box.height);
        let count = 1;
        while (count < areas.length && worst(areas.slice(0, count + 1), side) <= worst(areas.slice(0, count), side)) {
            count++;
        }
        box = placeRow(areas.splice(0, count), box, placed);
    }
    return placed.map(({ item, x, y, width: w, height: h }) => ({
        ...item,
        x: (100 * x) / width,
        y: (100 * y) / height,
        width: (100 * w) / width,
        height: (100 * h) / height,
    }));
}

/** The worst ratio of sides in a row of these areas along a side of this length; 1 is a square. */
function worst(row, side) {
    const sum = row.reduce((total, { area }) => total + area, 0);
    return Math.max(
        ...row.map(({ area }) => Math.max((side * side * area) / (sum * sum), (sum * sum) / (side * side * area)))
    );
}

/** Put a row along the shorter side of the box; what is left of the box. */
function placeRow(row, box, placed) {
    const sum = row.reduce((total, { area }) => total + area, 0);
    const isUpright = box.width >= box.height;
    const depth = sum / (isUpright ? box.height : box.width);
    let offset = 0;
    for (const { item, area } of row) {
        const length = area / depth;
        placed.push(
            isUpright
                ? { item, x: box.x, y: box.y + offset, width: depth, height: length }
                : { item, x: box.x + offset, y: box.y, width: length, height: depth }
        );
        offset += length;
    }
    return isUpright
        ? { ...box, x: box.x + depth, width: box.width - depth }
        : { ...box, y: box.y + depth, height: box.height - depth };
}
