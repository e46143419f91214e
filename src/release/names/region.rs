//! The names of AWS regions: their shape, and the short form in which people and AWS's zone ids write them.

/// Whether this has the shape of a region's name, such as `us-gov-west-1`.
pub(super) fn is_region(text: &str) -> bool {
    let words: Vec<&str> = text.split('-').collect();
    let [first, middle @ .., number] = &words[..] else { return false };
    let is_word = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    is_word(first) && !middle.is_empty() && middle.iter().all(is_word) && number.parse::<u8>().is_ok()
}

/// `use1/pay` for `us-east-1/pay`, where there is a region before the name: the ids of availability zones call the
/// regions so, as in `use1-az1`.
///
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html>
pub fn with_short_region(name: &str) -> Option<String> {
    let (region, rest) = name.split_once('/').filter(|(region, _)| is_region(region))?;
    let mut words = region.split('-');
    let area = words.next()?;
    let code: String = words.map(of_word).collect();
    Some(format!("{area}{code}/{rest}"))
}

/// `ne` for `northeast`, `c` for `central`, `g` for `gov`; a number stays.
fn of_word(word: &str) -> &str {
    match word {
        "northeast" => "ne",
        "northwest" => "nw",
        "southeast" => "se",
        "southwest" => "sw",
        number if number.starts_with(|c: char| c.is_ascii_digit()) => number,
        other => &other[..1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_shortened_as_zone_ids_do() {
        for (region, short) in [
            ("us-east-1", "use1"),
            ("eu-central-2", "euc2"),
            ("ap-southeast-2", "apse2"),
            ("us-gov-west-1", "usgw1"),
            ("ap-northeast-1", "apne1"),
        ] {
            assert_eq!(with_short_region(&format!("{region}/pay")), Some(format!("{short}/pay")));
        }
        for name in ["pay", "team/pay", "us-east/pay", "-1/pay"] {
            assert_eq!(with_short_region(name), None, "{name}");
        }
    }
}
