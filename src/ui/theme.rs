//! Colours by meaning. A theme is a small TOML file that gives each meaning a colour; everything drawn asks for a
//! meaning and gets a style. It does not know what is drawn.

use std::{fs, path::Path};

use ratatui::style::{Color, Modifier, Style};
use serde::{Deserialize, Deserializer};

use super::palette;

/// The built-in themes, in the order in which the theme key goes through them. The first is the default.
const BUILTIN: [(&str, &str); 4] = [
    ("midnight", include_str!("../../themes/midnight.toml")),
    ("daylight", include_str!("../../themes/daylight.toml")),
    ("terminal", include_str!("../../themes/terminal.toml")),
    ("colorblind", include_str!("../../themes/colorblind.toml")),
];

/// A theme: what each meaning looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    colours: Colours,
    /// Without colour, meanings differ by bold, dim, underlined and reversed alone.
    is_colourless: bool,
}

/// The file: one colour a meaning, as `#rrggbb`, an ANSI name such as `light-blue`, an index 0–255, or `reset`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Colours {
    background: Ink,
    surface: Ink,
    selection: Ink,
    text: Ink,
    muted: Ink,
    faint: Ink,
    focus: Ink,
    stable: Ink,
    new: Ink,
    good: Ink,
    warning: Ink,
    danger: Ink,
    info: Ink,
}

/// A colour as it is written in a theme.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ink(Color);

impl<'de> Deserialize<'de> for Ink {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| {
            serde::de::Error::custom(format!(
                "“{text}” is not a colour; write #rrggbb, an ANSI name such as light-blue, an index 0-255, or reset"
            ))
        })
    }
}

/// A theme that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    /// There is no such theme.
    #[error("there is no theme “{name}”; known: {}", known.join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// The theme's file is not in order.
    #[error("{file}: {why}")]
    Bad {
        /// The file.
        file: String,
        /// What is wrong.
        why: String,
    },
}

impl Default for Theme {
    fn default() -> Self {
        Self::builtin(BUILTIN[0].0).unwrap_or_else(|| Self { colours: Colours::inherited(), is_colourless: true })
    }
}

impl Theme {
    /// A theme that comes with the program.
    pub fn builtin(name: &str) -> Option<Self> {
        let (name, text) = BUILTIN.iter().find(|(known, _)| *known == name)?;
        Self::parse(text, name).ok()
    }

    /// A theme by its name: `NAME.toml` in the user's folder first, then the built-in ones.
    ///
    /// # Errors
    /// When no theme has that name, or its file is not in order.
    pub fn load(name: &str, user_folder: Option<&Path>) -> Result<Self, ThemeError> {
        let known = Self::names(user_folder);
        if !known.iter().any(|other| other == name) {
            return Err(ThemeError::Unknown { name: name.to_owned(), known });
        }
        let Some(path) = user_folder.map(|folder| folder.join(format!("{name}.toml"))).filter(|path| path.is_file())
        else {
            return Self::builtin(name).ok_or(ThemeError::Unknown { name: name.to_owned(), known });
        };
        let file = path.display().to_string();
        let text = fs::read_to_string(&path)
            .map_err(|error| ThemeError::Bad { file: file.clone(), why: error.to_string() })?;
        Self::parse(&text, &file)
    }

    /// The names of all themes: the built-in ones, then those in the user's folder by name.
    pub fn names(user_folder: Option<&Path>) -> Vec<String> {
        let mut names: Vec<String> = BUILTIN.iter().map(|(name, _)| (*name).to_owned()).collect();
        let files = user_folder.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
        let mut own: Vec<String> = files
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .filter_map(|path| path.file_stem()?.to_str().map(str::to_owned))
            .filter(|name| !names.contains(name))
            .collect();
        own.sort();
        names.append(&mut own);
        names
    }

    /// The same theme for a terminal that must show no colour (`NO_COLOR`).
    #[must_use]
    pub fn without_colour(mut self) -> Self {
        self.is_colourless = true;
        self
    }

    /// The same theme for a terminal that shows no more than so many colours. Below 256 the terminal's own have to do.
    #[must_use]
    pub fn within(mut self, colours: u16) -> Self {
        if colours < 256
            && let Some(plain) = Self::builtin("terminal")
        {
            self.colours = plain.colours;
        }
        if colours <= 256 {
            self.colours = self.colours.map(palette::nearest);
        }
        self
    }

    fn parse(text: &str, file: &str) -> Result<Self, ThemeError> {
        let colours = toml::from_str(text)
            .map_err(|error| ThemeError::Bad { file: file.to_owned(), why: error.to_string().trim_end().to_owned() })?;
        Ok(Self { colours, is_colourless: false })
    }

    /// The screen's ground and plain text.
    pub fn base(&self) -> Style {
        self.on(self.ink(self.colours.text, Modifier::empty()), self.colours.background)
    }

    /// A dialog's ground and plain text.
    pub fn dialog(&self) -> Style {
        self.on(self.ink(self.colours.text, Modifier::empty()), self.colours.surface)
    }

    /// Plain text.
    pub fn text(&self) -> Style {
        self.ink(self.colours.text, Modifier::empty())
    }

    /// Text to be read first.
    pub fn strong(&self) -> Style {
        self.text().add_modifier(Modifier::BOLD)
    }

    /// Text of second rank: headings, units, ages.
    pub fn muted(&self) -> Style {
        self.ink(self.colours.muted, Modifier::empty())
    }

    /// Lines and grids.
    pub fn faint(&self) -> Style {
        self.ink(self.colours.faint, Modifier::DIM)
    }

    /// What has the keyboard, and keys.
    pub fn focus(&self) -> Style {
        self.ink(self.colours.focus, Modifier::BOLD)
    }

    /// The stable version.
    pub fn stable(&self) -> Style {
        self.ink(self.colours.stable, Modifier::empty())
    }

    /// The new version.
    pub fn new_version(&self) -> Style {
        self.ink(self.colours.new, Modifier::BOLD)
    }

    /// All well.
    pub fn good(&self) -> Style {
        self.ink(self.colours.good, Modifier::empty())
    }

    /// Worth a look.
    pub fn warning(&self) -> Style {
        self.ink(self.colours.warning, Modifier::BOLD)
    }

    /// Trouble, and what changes production.
    pub fn danger(&self) -> Style {
        self.ink(self.colours.danger, Modifier::BOLD)
    }

    /// The frame around everything in a protected environment: danger, but quiet enough to live with.
    pub fn protected_frame(&self) -> Style {
        self.ink(self.colours.danger, Modifier::empty()).add_modifier(Modifier::DIM)
    }

    /// Remarks that are neither good nor bad.
    pub fn info(&self) -> Style {
        self.ink(self.colours.info, Modifier::empty())
    }

    /// A loud badge: the given meaning turned inside out.
    pub fn badge(&self, meaning: Style) -> Style {
        meaning.add_modifier(Modifier::REVERSED | Modifier::BOLD).remove_modifier(Modifier::DIM)
    }

    /// Added to a row under the cursor.
    pub fn selection(&self) -> Style {
        if self.is_colourless || self.colours.selection.0 == Color::Reset {
            // One even bar: colours under a reversed row would each become a patch of their own.
            let even = if self.is_colourless { Style::new() } else { Style::new().fg(Color::Reset).bg(Color::Reset) };
            return even.add_modifier(Modifier::REVERSED);
        }
        Style::new().bg(self.colours.selection.0)
    }

    /// Put over data that is too old to be believed.
    pub fn stale(&self) -> Style {
        self.ink(self.colours.muted, Modifier::empty()).add_modifier(Modifier::DIM).remove_modifier(Modifier::BOLD)
    }

    fn ink(&self, colour: Ink, without_colour: Modifier) -> Style {
        if self.is_colourless {
            return Style::new().add_modifier(without_colour);
        }
        // Bold is kept for the meanings that must not be missed, dim for none: the colour says it already.
        let style = Style::new().fg(colour.0);
        if without_colour.contains(Modifier::BOLD) { style.add_modifier(Modifier::BOLD) } else { style }
    }

    fn on(&self, style: Style, ground: Ink) -> Style {
        if self.is_colourless { style } else { style.bg(ground.0) }
    }
}

impl Colours {
    fn map(self, change: impl Fn(Color) -> Color) -> Self {
        let ink = |ink: Ink| Ink(change(ink.0));
        Self {
            background: ink(self.background),
            surface: ink(self.surface),
            selection: ink(self.selection),
            text: ink(self.text),
            muted: ink(self.muted),
            faint: ink(self.faint),
            focus: ink(self.focus),
            stable: ink(self.stable),
            new: ink(self.new),
            good: ink(self.good),
            warning: ink(self.warning),
            danger: ink(self.danger),
            info: ink(self.info),
        }
    }

    /// The terminal's own colours throughout.
    fn inherited() -> Self {
        let ink = Ink(Color::Reset);
        Self {
            background: ink,
            surface: ink,
            selection: ink,
            text: ink,
            muted: ink,
            faint: ink,
            focus: ink,
            stable: ink,
            new: ink,
            good: ink,
            warning: ink,
            danger: ink,
            info: ink,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of an RGB colour, as WCAG 2.1 defines it.
    fn luminance(colour: Color) -> Option<f64> {
        let (red, green, blue) = match colour {
            Color::Rgb(red, green, blue) => (red, green, blue),
            Color::Indexed(index @ 16..) => palette::rgb(index).into(),
            _ => return None,
        };
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        Some(0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue))
    }

    fn contrast(ink: Ink, ground: Ink) -> f64 {
        let (Some(one), Some(other)) = (luminance(ink.0), luminance(ground.0)) else { return f64::INFINITY };
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_built_in_theme_parses_and_is_readable() {
        for (name, text) in BUILTIN {
            let theme = Theme::parse(text, name).unwrap();
            is_readable(name, &theme.colours, 7.0, 4.0);
            // With 256 colours the nearest one may be a little nearer to its ground, too.
            is_readable(name, &theme.within(256).colours, 7.0, 3.5);
        }
    }

    fn is_readable(name: &str, colours: &Colours, text: f64, inks: f64) {
        for ground in [colours.background, colours.surface, colours.selection] {
            assert!(contrast(colours.text, ground) >= text, "{name}: text on {ground:?}");
            for ink in [
                colours.muted,
                colours.focus,
                colours.stable,
                colours.new,
                colours.good,
                colours.warning,
                colours.danger,
                colours.info,
            ] {
                assert!(contrast(ink, ground) >= inks, "{name}: {ink:?} on {ground:?}: {}", contrast(ink, ground));
            }
        }
    }

    #[test]
    fn the_users_folder_comes_first_and_its_mistakes_are_named() {
        let folder = std::env::temp_dir().join(format!("flightdeck-themes-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (_, text) = BUILTIN[0];
        fs::write(folder.join("midnight.toml"), text.replace("#ff6b6b", "#ff0000")).unwrap();
        fs::write(folder.join("mine.toml"), text.replace("danger ", "dangre ")).unwrap();
        let own = Theme::load("midnight", Some(&folder)).unwrap();
        assert_eq!(own.danger().fg, Some(Color::Rgb(255, 0, 0)));
        let bad = Theme::load("mine", Some(&folder)).unwrap_err().to_string();
        assert!(bad.contains("mine.toml") && bad.contains("dangre"), "{bad}");
        let unknown = Theme::load("nord", Some(&folder)).unwrap_err().to_string();
        assert!(unknown.ends_with("known: midnight, daylight, terminal, colorblind, mine"), "{unknown}");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn without_colour_only_modifiers_remain() {
        let theme = Theme::default().without_colour();
        for style in [theme.base(), theme.danger(), theme.selection(), theme.stale(), theme.badge(theme.danger())] {
            assert_eq!((style.fg, style.bg), (None, None));
        }
        assert!(theme.danger().add_modifier.contains(Modifier::BOLD));
        assert!(theme.selection().add_modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn the_terminal_theme_brings_no_colour_of_its_own() {
        let theme = Theme::builtin("terminal").unwrap();
        for style in [theme.base(), theme.danger(), theme.muted(), theme.stable(), theme.dialog()] {
            for colour in [style.fg, style.bg].into_iter().flatten() {
                assert!(!matches!(colour, Color::Rgb(..) | Color::Indexed(_)), "{colour:?}");
            }
        }
    }
}
