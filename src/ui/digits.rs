//! Digits that are three rows high.

/// Each digit in three rows.
const DIGITS: [[&str; 3]; 10] = [
    ["█▀█", "█ █", "▀▀▀"],
    ["▀█ ", " █ ", "▀▀▀"],
    ["▀▀█", "█▀▀", "▀▀▀"],
    ["▀▀█", " ▀█", "▀▀▀"],
    ["█ █", "▀▀█", "  ▀"],
    ["█▀▀", "▀▀█", "▀▀▀"],
    ["█▀▀", "█▀█", "▀▀▀"],
    ["▀▀█", "  █", "  ▀"],
    ["█▀█", "█▀█", "▀▀▀"],
    ["█▀█", "▀▀█", "▀▀▀"],
];

/// A number in three rows. What is no digit is left out.
pub(super) fn rows(number: &str) -> [String; 3] {
    let digits: Vec<&[&str; 3]> = number
        .chars()
        .filter_map(|character| character.to_digit(10))
        .filter_map(|digit| DIGITS.get(usize::try_from(digit).ok()?))
        .collect();
    [0, 1, 2].map(|row| digits.iter().map(|digit| digit[row]).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_three_rows_of_the_same_width() {
        let rows = rows("10");
        assert_eq!(rows, ["▀█  █▀█", " █  █ █", "▀▀▀ ▀▀▀"]);
        assert!(super::rows("0123456789").iter().all(|row| row.chars().count() == 39));
    }
}
