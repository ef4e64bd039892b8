/**
 * The two halves of a grade.
 *
 * @param {string | false} grade letter (fit, A best) and digit (engagement, 1 best)
 * @returns {{ letter: string, digit: string, level: number } | null} level: 0 for the best, 6 for the worst
 */
export function gradeParts(grade) {
    if (!/^[A-D][1-4]$/.test(grade || "")) {
        return null;
    }
    const [letter, digit] = grade;
    return { letter, digit, level: "ABCD".indexOf(letter) + "1234".indexOf(digit) };
}
