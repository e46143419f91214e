//! The 256 colours of terminals that cannot show every one. A terminal that is sent a colour which it does not know
//! draws another, and a red that turns grey is a lie.

use ratatui::style::Color;

/// The six steps of each part in the cube of colours 16 to 231.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest of the colours 16 to 255 to an RGB colour; the first 16 are whatever a person made of them. Other
/// colours stay as they are.
pub(super) fn nearest(colour: Color) -> Color {
    let Color::Rgb(red, green, blue) = colour else { return colour };
    let wanted = [red, green, blue];
    let index = (16..=255u8).min_by_key(|index| distance(wanted, rgb(*index))).unwrap_or(15);
    Color::Indexed(index)
}

/// What a terminal shows for an index from 16 on.
pub(super) fn rgb(index: u8) -> [u8; 3] {
    if index >= 232 {
        return [8 + 10 * (index - 232); 3];
    }
    let cube = usize::from(index.saturating_sub(16));
    [STEPS[cube / 36 % 6], STEPS[cube / 6 % 6], STEPS[cube % 6]]
}

/// How far apart two colours look: the parts weigh as the eye sees them, and how light it is weighs most, for that is
/// what makes a text readable. <https://www.compuphase.com/cmetric.htm>
fn distance(one: [u8; 3], other: [u8; 3]) -> i64 {
    let part = |index: usize| i64::from(one[index]) - i64::from(other[index]);
    let mean_red = i64::midpoint(i64::from(one[0]), i64::from(other[0]));
    let (red, green, blue) = (part(0), part(1), part(2));
    let light = (299 * red + 587 * green + 114 * blue) / 1000;
    let hue = (((512 + mean_red) * red * red) >> 8) + 4 * green * green + (((767 - mean_red) * blue * blue) >> 8);
    hue + 24 * light * light
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_palette_holds_is_found_exactly() {
        for index in 16..=255 {
            let [red, green, blue] = rgb(index);
            let Color::Indexed(found) = nearest(Color::Rgb(red, green, blue)) else { panic!("an index") };
            assert_eq!(rgb(found), rgb(index), "{index}");
        }
    }

    #[test]
    fn a_colour_stays_what_it_is_for_the_eye() {
        assert_eq!(nearest(Color::Rgb(255, 0, 10)), Color::Indexed(196));
        assert_eq!(nearest(Color::Rgb(20, 18, 19)), Color::Indexed(233));
        for own in [Color::Reset, Color::LightBlue, Color::Indexed(3)] {
            assert_eq!(nearest(own), own);
        }
    }
}
