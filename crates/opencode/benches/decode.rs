//! How many events a second the decoder reads on one core.

use std::fmt::Write as _;
use std::hint::black_box;

use cowork_opencode::{Decoder, Memory};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const DELTAS: u32 = 10_000;
/// As the engine flushes a burst: many events in one piece.
const PIECE: usize = 64 * 1024;

fn deltas() -> Vec<u8> {
    let mut stream = String::new();
    for index in 0..DELTAS {
        let written = write!(
            stream,
            "data: {{\"directory\":\"/home/person/project\",\"project\":\"5e65a4da702f2303cd09bc4592c28ea83e66ab1f\",\
             \"payload\":{{\"id\":\"evt_1fa103512001yLT4Z710{index:06}\",\"type\":\"message.part.delta\",\"properties\":\
             {{\"sessionID\":\"ses_e05efcb7fffe6FYx636QZFFcwI\",\"messageID\":\"msg_1fa1034a4001Um3VYZxM1lUpOF\",\
             \"partID\":\"prt_1fa103510001HCVOvo9SdbmN20\",\"field\":\"text\",\"delta\":\"word {index} \\n\"}}}}}}\n\n"
        );
        assert!(written.is_ok(), "a string can be written to");
    }
    stream.into_bytes()
}

fn decode(stream: &[u8]) -> usize {
    let mut memory = Memory::default();
    let mut decoder = Decoder::new();
    stream
        .chunks(PIECE)
        .map(|piece| black_box(decoder.push(piece, &mut memory)).len())
        .sum()
}

fn decoding(criterion: &mut Criterion) {
    let stream = deltas();
    assert_eq!(decode(&stream), DELTAS as usize, "every delta is decoded");
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(u64::from(DELTAS)));
    group.bench_function("deltas", |bencher| bencher.iter(|| decode(&stream)));

    let turn = include_bytes!("../tests/fixtures/write-edit.sse");
    let events = turn.windows(6).filter(|window| *window == b"data: ").count();
    group.throughput(Throughput::Elements(events as u64));
    group.bench_function("turn with edits", |bencher| bencher.iter(|| decode(turn)));
    group.finish();
}

criterion_group!(benches, decoding);
criterion_main!(benches);
