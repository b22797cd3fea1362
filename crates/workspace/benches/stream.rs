//! How many deltas a second go from the bytes of the engine's stream into a conversation, on one core.

use std::fmt::Write as _;

use cowork_engine::{EngineEvent, Message, MessageId, Part, PartContent, PartId, Role, SessionId};
use cowork_opencode::{Decoder, Memory};
use cowork_transcript::{BlockContent, Transcript};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const SESSION: &str = "ses_e05efcb7fffe6FYx636QZFFcwI";
const MESSAGE: &str = "msg_1fa1034a4001Um3VYZxM1lUpOF";
const PART: &str = "prt_1fa103510001HCVOvo9SdbmN20";
const DELTAS: u32 = 100_000;
/// As the engine flushes a burst: many events in one read.
const PIECE: usize = 64 * 1024;

fn stream() -> Vec<u8> {
    let mut stream = String::new();
    for index in 0..DELTAS {
        let written = write!(
            stream,
            "data: {{\"directory\":\"/home/person/project\",\"project\":\"5e65a4da702f2303cd09bc4592c28ea83e66ab1f\",\
             \"payload\":{{\"id\":\"evt_1fa103512001yLT4Z710{index:06}\",\"type\":\"message.part.delta\",\"properties\":\
             {{\"sessionID\":\"{SESSION}\",\"messageID\":\"{MESSAGE}\",\"partID\":\"{PART}\",\"field\":\"text\",\
             \"delta\":\"word \"}}}}}}\n\n"
        );
        assert!(written.is_ok(), "a string can be written to");
    }
    stream.into_bytes()
}

fn begun() -> Transcript {
    let session = SessionId::from(SESSION);
    let mut transcript = Transcript::new(session.clone());
    let mut patches = Vec::new();
    let message = Message::new(MessageId::from(MESSAGE), session.clone(), Role::Assistant, 1);
    transcript.apply(EngineEvent::MessageChanged(message), 1, &mut patches);
    let content = PartContent::Text {
        text: String::new(),
        synthetic: false,
    };
    let part = Part {
        id: PartId::from(PART),
        message: MessageId::from(MESSAGE),
        content,
    };
    transcript.apply(EngineEvent::PartChanged { session, part }, 1, &mut patches);
    transcript
}

fn follow(stream: &[u8]) -> usize {
    let (mut decoder, mut memory, mut transcript) = (Decoder::new(), Memory::default(), begun());
    let mut patches = Vec::new();
    for piece in stream.chunks(PIECE) {
        for envelope in decoder.push(piece, &mut memory) {
            transcript.apply(envelope.event, 2, &mut patches);
        }
        patches.clear();
    }
    match transcript
        .block(&MessageId::from(MESSAGE), &PartId::from(PART))
        .map(|block| &block.content)
    {
        Some(BlockContent::Text { text }) => text.len(),
        _ => 0,
    }
}

fn following(criterion: &mut Criterion) {
    let stream = stream();
    assert_eq!(
        follow(&stream),
        DELTAS as usize * "word ".len(),
        "every delta arrives"
    );
    let mut group = criterion.benchmark_group("stream");
    group.throughput(Throughput::Elements(u64::from(DELTAS)));
    group.sample_size(20);
    group.bench_function("decode and apply deltas", |bencher| {
        bencher.iter(|| follow(&stream));
    });
    group.finish();
}

criterion_group!(benches, following);
criterion_main!(benches);
