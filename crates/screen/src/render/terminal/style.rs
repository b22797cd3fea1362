//! How a character looks: colours of a closed set, and what is done to letters.

use vte::Params;

/// The sixteen colours of a terminal, as names of classes. A theme gives each a value that can be read on its ground.
const COLOURS: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

/// The same for the ground, where a bright one is the plain one: letters have to be read on it.
const GROUNDS: usize = 8;

const FLAGS: [(u16, &str); 6] = [
    (Style::BOLD, "bold"),
    (Style::DIM, "dim"),
    (Style::ITALIC, "italic"),
    (Style::UNDERLINED, "underlined"),
    (Style::INVERSE, "inverse"),
    (Style::STRUCK, "struck"),
];

/// Colour, ground and attributes in sixteen bits, so that a cell stays small: five bits of colour and four of ground,
/// each a number from one on or none, then the attributes. Blinking is left out because nothing here moves, and
/// concealing because nothing may be hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style(u16);

impl Style {
    pub(super) const PLAIN: Self = Self(0);
    const COLOUR: u16 = 0b1_1111;
    const GROUND: u16 = 0b1111 << 5;
    const BOLD: u16 = 1 << 9;
    const DIM: u16 = 1 << 10;
    const ITALIC: u16 = 1 << 11;
    const UNDERLINED: u16 = 1 << 12;
    const INVERSE: u16 = 1 << 13;
    const STRUCK: u16 = 1 << 14;

    /// The names of the classes, separated by spaces; nothing for a plain character.
    pub(super) fn classes(self) -> String {
        let mut classes = String::new();
        let mut add = |prefix: &str, name: &str| {
            if !classes.is_empty() {
                classes.push(' ');
            }
            classes.push_str(prefix);
            classes.push_str(name);
        };
        if let Some(colour) = number(self.0 & Self::COLOUR) {
            add("ink-", COLOURS[colour % COLOURS.len()]);
        }
        if let Some(ground) = number((self.0 & Self::GROUND) >> 5) {
            add("ground-", COLOURS[ground % GROUNDS]);
        }
        for (flag, name) in FLAGS {
            if self.0 & flag != 0 {
                add("", name);
            }
        }
        classes
    }

    /// Applies a "select graphic rendition" sequence; what is not known changes nothing.
    pub(super) fn apply(&mut self, parameters: &Params) {
        let mut parameters = parameters.iter();
        while let Some(parameter) = parameters.next() {
            match parameter {
                [38, rest @ ..] => {
                    if let Some(colour) = extended(rest, &mut parameters) {
                        self.ink(Some(colour));
                    }
                }
                [48, rest @ ..] => {
                    if let Some(colour) = extended(rest, &mut parameters) {
                        self.ground(Some(colour));
                    }
                }
                // The colour of an underline is not shown, but its numbers are not to be taken for others.
                [58, rest @ ..] => {
                    extended(rest, &mut parameters);
                }
                [4, 0] => self.set(Self::UNDERLINED, false),
                [4, ..] => self.set(Self::UNDERLINED, true),
                [code] => self.simple(*code),
                _ => {}
            }
        }
    }

    fn simple(&mut self, code: u16) {
        match code {
            0 => *self = Self::default(),
            1 => self.set(Self::BOLD, true),
            2 => self.set(Self::DIM, true),
            3 => self.set(Self::ITALIC, true),
            7 => self.set(Self::INVERSE, true),
            9 => self.set(Self::STRUCK, true),
            21 => self.set(Self::UNDERLINED, true),
            22 => self.set(Self::BOLD | Self::DIM, false),
            23 => self.set(Self::ITALIC, false),
            24 => self.set(Self::UNDERLINED, false),
            27 => self.set(Self::INVERSE, false),
            29 => self.set(Self::STRUCK, false),
            30..=37 => self.ink(Some(code - 30)),
            39 => self.ink(None),
            40..=47 => self.ground(Some(code - 40)),
            49 => self.ground(None),
            90..=97 => self.ink(Some(code - 90 + 8)),
            100..=107 => self.ground(Some(code - 100)),
            _ => {}
        }
    }

    fn set(&mut self, flags: u16, on: bool) {
        if on {
            self.0 |= flags;
        } else {
            self.0 &= !flags;
        }
    }

    fn ink(&mut self, colour: Option<u16>) {
        let colour = colour.map_or(0, |colour| colour % 16 + 1);
        self.0 = self.0 & !Self::COLOUR | colour;
    }

    fn ground(&mut self, colour: Option<u16>) {
        let colour = colour.map_or(0, |colour| colour % 8 + 1);
        self.0 = self.0 & !Self::GROUND | colour << 5;
    }
}

fn number(bits: u16) -> Option<usize> {
    bits.checked_sub(1).map(usize::from)
}

/// The colour after 38 or 48, written with colons (`38:2::1:2:3`) or with semicolons (`38;2;1;2;3`).
fn extended<'a>(colons: &[u16], rest: &mut impl Iterator<Item = &'a [u16]>) -> Option<u16> {
    match colons {
        [5, index] => Some(indexed(*index)),
        [2, red, green, blue] | [2, _, red, green, blue, ..] => Some(nearest(*red, *green, *blue)),
        [] => {
            let mut next = || rest.next().and_then(|one| one.first().copied());
            match next()? {
                5 => next().map(indexed),
                2 => Some(nearest(next()?, next()?, next()?)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// One of 256: the sixteen, a cube of six levels, and 24 greys.
fn indexed(index: u16) -> u16 {
    const LEVELS: [u16; 6] = [0, 95, 135, 175, 215, 255];
    match index {
        0..=15 => index,
        16..=231 => {
            let cube = usize::from(index - 16);
            nearest(LEVELS[cube / 36], LEVELS[cube / 6 % 6], LEVELS[cube % 6])
        }
        _ => {
            let grey = 8 + 10 * (index.min(255) - 232);
            nearest(grey, grey, grey)
        }
    }
}

/// The colour of the sixteen that has the hue, so that red stays red on whatever ground the theme has. What has no hue
/// to speak of is taken by how light it is.
fn nearest(red: u16, green: u16, blue: u16) -> u16 {
    let [red, green, blue] = [red, green, blue].map(|level| i32::from(level.min(255)));
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    let light = (299 * red + 587 * green + 114 * blue) / 1000;
    let chroma = most - least;
    if chroma < 24 || chroma * 5 < most {
        return match light {
            0..50 => 0,
            50..130 => 8,
            130..215 => 7,
            _ => 15,
        };
    }
    // Sixty for each sixth of the circle, as hues are counted.
    let hue = if most == red {
        60 * (green - blue) / chroma + if green < blue { 360 } else { 0 }
    } else if most == green {
        120 + 60 * (blue - red) / chroma
    } else {
        240 + 60 * (red - green) / chroma
    };
    let plain = match hue {
        20..75 => 3,
        75..155 => 2,
        155..200 => 6,
        200..260 => 4,
        260..335 => 5,
        _ => 1,
    };
    plain + if light >= 140 { 8 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_beyond_sixteen_keep_their_hue() {
        for ((red, green, blue), name) in [
            ((255, 85, 85), "red"),
            ((200, 0, 0), "red"),
            ((255, 135, 0), "bright-yellow"),
            ((80, 250, 123), "bright-green"),
            ((139, 233, 253), "bright-cyan"),
            ((40, 80, 220), "blue"),
            ((189, 60, 220), "magenta"),
            ((0, 0, 0), "black"),
            ((120, 120, 120), "bright-black"),
            ((180, 180, 186), "white"),
            ((255, 255, 255), "bright-white"),
        ] {
            let found = COLOURS[usize::from(nearest(red, green, blue))];
            assert_eq!(
                found.trim_start_matches("bright-"),
                name.trim_start_matches("bright-"),
                "{red} {green} {blue}"
            );
        }
        assert_eq!(indexed(196), nearest(255, 0, 0));
        assert_eq!(indexed(3), 3);
        assert_eq!(indexed(1_000), 15);
    }
}
