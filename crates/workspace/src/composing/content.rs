//! What is in a file that a person attaches, and what becomes of it.
//!
//! Pictures are made smaller here and not in the window: those that are picked never come there, so that one way judges
//! and shrinks all of them, within bounds that a decoder written in Rust keeps to whatever the file says of itself.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GenericImageView as _, ImageDecoder as _, ImageFormat, ImageReader, Limits};

/// Bytes of a file. The engine keeps what is attached in its database and sends it on its events: 30 MB took it 19 seconds
/// and 1.7 GB of memory.
pub(crate) const FILE_BYTES: u64 = 10 * 1024 * 1024;

/// Bytes of a text. More does not fit a model's context; in the folder the agent reads the parts that it needs.
pub(crate) const TEXT_BYTES: usize = 1024 * 1024;

/// The longest side of a picture in pixels. Models look at smaller ones than that.
const LONGEST_SIDE: u32 = 2048;

/// The longest side that is decoded at all, and the memory for it: a picture of a few bytes can claim to be any size.
const LARGEST_SIDE: u32 = 16_384;
const DECODING_BYTES: u64 = 256 * 1024 * 1024;

/// The longest side of the small picture beside a file's name, for screens with two pixels in one.
const THUMBNAIL_SIDE: u32 = 96;

/// A kind of picture that models read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    Png,
    Jpeg,
    Gif,
    Webp,
}

impl Picture {
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }

    fn format(self) -> ImageFormat {
        match self {
            Self::Png => ImageFormat::Png,
            Self::Jpeg => ImageFormat::Jpeg,
            Self::Gif => ImageFormat::Gif,
            Self::Webp => ImageFormat::WebP,
        }
    }
}

/// What a file is, by what is in it and not by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Image(Picture),
    Pdf,
    Text,
    /// A document of an office program.
    Office,
    /// Files in a file.
    Archive,
    /// Anything else.
    Other,
}

/// Why a file cannot be attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    Empty,
    TooLarge,
    TextTooLarge,
    Office,
    Archive,
    Unknown,
    BadImage,
}

/// A file that can go with a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prepared {
    pub(crate) media_type: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// It is smaller than it was.
    pub(crate) scaled: bool,
    /// A small picture of it as a `data:` address.
    pub(crate) thumbnail: Option<String>,
}

/// What a file is, by its beginning.
pub(crate) fn kind_of_head(head: &[u8]) -> Kind {
    match head {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Kind::Image(Picture::Png),
        [0xff, 0xd8, 0xff, ..] => Kind::Image(Picture::Jpeg),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Kind::Image(Picture::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Kind::Image(Picture::Webp),
        [b'%', b'P', b'D', b'F', b'-', ..] => Kind::Pdf,
        [b'P', b'K', 3 | 5, 4 | 6, ..] => {
            let has = |part: &[u8]| head.windows(part.len()).any(|window| window == part);
            let office: [&[u8]; 5] = [
                b"[Content_Types].xml",
                b"word/",
                b"xl/",
                b"ppt/",
                b"mimetypeapplication/vnd.oasis",
            ];
            if office.iter().any(|part| has(part)) {
                Kind::Office
            } else {
                Kind::Archive
            }
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Kind::Office,
        [0x1f, 0x8b, ..]
        | [b'7', b'z', 0xbc, 0xaf, ..]
        | [b'R', b'a', b'r', b'!', ..]
        | [0xfd, b'7', b'z', b'X', b'Z', ..]
        | [0x28, 0xb5, 0x2f, 0xfd, ..] => Kind::Archive,
        _ if is_text(head) => Kind::Text,
        _ => Kind::Other,
    }
}

/// Whether a beginning is that of a text: the end may cut a character in two.
fn is_text(head: &[u8]) -> bool {
    let whole = match std::str::from_utf8(head) {
        Ok(_) => head,
        Err(error) if error.error_len().is_none() => &head[..error.valid_up_to()],
        Err(_) => return false,
    };
    !whole.iter().any(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31))
}

/// Makes a file ready to go with a prompt, or says why it cannot.
pub(crate) fn prepare(bytes: Vec<u8>) -> Result<Prepared, Unfit> {
    if bytes.is_empty() {
        return Err(Unfit::Empty);
    }
    if bytes.len() as u64 > FILE_BYTES {
        return Err(Unfit::TooLarge);
    }
    let plain = |media_type, bytes| Prepared {
        media_type,
        bytes,
        scaled: false,
        thumbnail: None,
    };
    match kind_of_head(&bytes) {
        Kind::Image(picture) => prepare_picture(picture, bytes),
        Kind::Pdf => Ok(plain("application/pdf", bytes)),
        Kind::Text if !is_text(&bytes) => Err(Unfit::Unknown),
        Kind::Text if bytes.len() > TEXT_BYTES => Err(Unfit::TextTooLarge),
        // Whatever its name says: the engine fails at application/json and the like, and reads them as text.
        Kind::Text => Ok(plain("text/plain", bytes)),
        Kind::Office => Err(Unfit::Office),
        Kind::Archive => Err(Unfit::Archive),
        Kind::Other => Err(Unfit::Unknown),
    }
}

fn prepare_picture(picture: Picture, bytes: Vec<u8>) -> Result<Prepared, Unfit> {
    let image = decode(picture, &bytes).ok_or(Unfit::BadImage)?;
    let (width, height) = image.dimensions();
    let thumbnail = thumbnail(&image);
    if width.max(height) <= LONGEST_SIDE {
        return Ok(Prepared {
            media_type: picture.media_type(),
            bytes,
            scaled: false,
            thumbnail,
        });
    }
    let smaller = image.resize(
        LONGEST_SIDE,
        LONGEST_SIDE,
        image::imageops::FilterType::CatmullRom,
    );
    let (media_type, bytes) = encode(&smaller, picture).ok_or(Unfit::BadImage)?;
    // A photograph without a loss may still be large.
    if bytes.len() as u64 > FILE_BYTES {
        return Err(Unfit::TooLarge);
    }
    Ok(Prepared {
        media_type,
        bytes,
        scaled: true,
        thumbnail,
    })
}

fn decode(picture: Picture, bytes: &[u8]) -> Option<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), picture.format());
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST_SIDE);
    limits.max_image_height = Some(LARGEST_SIDE);
    limits.max_alloc = Some(DECODING_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    // A camera says how it was held; without that a smaller picture would lie on its side.
    // One that cannot be read is none: the picture is taken as it lies.
    let orientation = decoder.orientation().ok();
    let mut image = DynamicImage::from_decoder(decoder).ok()?;
    if let Some(orientation) = orientation {
        image.apply_orientation(orientation);
    }
    Some(image)
}

/// Photographs as photographs; whatever may have sharp edges or be seen through without a loss.
fn encode(image: &DynamicImage, was: Picture) -> Option<(&'static str, Vec<u8>)> {
    let mut bytes = Vec::new();
    if was == Picture::Jpeg || (was == Picture::Webp && !image.color().has_alpha()) {
        let encoder = JpegEncoder::new_with_quality(&mut bytes, 85);
        image.to_rgb8().write_with_encoder(encoder).ok()?;
        return Some(("image/jpeg", bytes));
    }
    image
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .ok()?;
    Some(("image/png", bytes))
}

fn thumbnail(image: &DynamicImage) -> Option<String> {
    let small = image.thumbnail(THUMBNAIL_SIDE, THUMBNAIL_SIDE);
    let mut bytes = Vec::new();
    small
        .to_rgba8()
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .ok()?;
    let address = format!("data:image/png;base64,{}", STANDARD.encode(bytes));
    (address.len() <= cowork_store::THUMBNAIL_LIMIT).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Vec::new();
        DynamicImage::new_rgb8(width, height)
            .write_to(&mut Cursor::new(&mut bytes), format)
            .unwrap();
        bytes
    }

    #[test]
    fn a_large_picture_is_made_smaller_and_keeps_its_shape() {
        for (format, media_type) in [
            (ImageFormat::Png, "image/png"),
            (ImageFormat::Jpeg, "image/jpeg"),
            (ImageFormat::WebP, "image/jpeg"),
            (ImageFormat::Gif, "image/png"),
        ] {
            let prepared = prepare(picture(3000, 300, format)).unwrap();
            assert_eq!(
                (prepared.media_type, prepared.scaled),
                (media_type, true),
                "{format:?}"
            );
            let read = image::load_from_memory(&prepared.bytes).unwrap();
            assert_eq!(read.dimensions(), (2048, 205), "{format:?}");
            assert!(prepared.thumbnail.unwrap().starts_with("data:image/png;base64,"));
        }
    }

    #[test]
    fn what_is_small_enough_stays_as_it_is() {
        let bytes = picture(20, 10, ImageFormat::WebP);
        let prepared = prepare(bytes.clone()).unwrap();
        assert_eq!((prepared.media_type, prepared.bytes), ("image/webp", bytes));
        for (bytes, media_type) in [
            (&b"%PDF-1.7 \xff\xfe"[..], "application/pdf"),
            (b"{\"a\": 1}", "text/plain"),
            ("Grüße\n\x1b[1m".as_bytes(), "text/plain"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "text/plain"),
        ] {
            assert_eq!(prepare(bytes.to_vec()).unwrap().media_type, media_type);
        }
    }

    #[test]
    fn what_the_engine_breaks_on_is_refused_by_what_is_in_it() {
        for (bytes, why) in [
            (&b""[..], Unfit::Empty),
            (b"PK\x03\x04....[Content_Types].xml", Unfit::Office),
            (b"\xd0\xcf\x11\xe0old", Unfit::Office),
            (b"PK\x03\x04readme.txt", Unfit::Archive),
            (b"\x1f\x8b\x08", Unfit::Archive),
            (b"\x7fELF\x02\x01", Unfit::Unknown),
            (b"text\0with a hole", Unfit::Unknown),
            (b"\x89PNG\r\n\x1a\nbroken", Unfit::BadImage),
        ] {
            assert_eq!(prepare(bytes.to_vec()), Err(why), "{bytes:?}");
        }
        assert_eq!(prepare(vec![b'a'; TEXT_BYTES + 1]), Err(Unfit::TextTooLarge));
        let large = vec![b'a'; usize::try_from(FILE_BYTES).unwrap() + 1];
        assert_eq!(prepare(large), Err(Unfit::TooLarge));
    }

    #[test]
    fn a_picture_that_claims_to_be_huge_is_not_decoded() {
        let mut bytes = picture(4, 4, ImageFormat::Png);
        // Width and height stand in the header, behind its length and name.
        bytes[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        assert_eq!(prepare(bytes), Err(Unfit::BadImage));
    }
}
