//! Ranges of JSDL, held against a second reading of what they mean: a number fits when any of the parts takes it.
#![no_main]

use grms::description::{Rules, read};
use grms::job::Attribute;

/// Hertz in megahertz. Speeds keep their whole range; of a count only the number to ask for is kept, which is another meaning.
const MEGA: f64 = 1e-6;

/// A part of a range, and what it takes.
struct Part {
    text: String,
    takes: Box<dyn Fn(f64) -> bool>,
    empty: bool,
    open: Option<&'static str>,
}

/// Halves between -32 and 31.5, which the machine represents exactly.
fn number(byte: u8) -> f64 {
    f64::from(byte.cast_signed() / 2) / 2.0
}

fn bound(name: &str, value: f64, exclusive: bool) -> String {
    format!("<{name} exclusiveBound=\"{exclusive}\">{value}</{name}>")
}

fn part(bytes: [u8; 4]) -> Part {
    let [kind, a, b, flags] = bytes;
    let (low, high, ex_low, ex_high) = (number(a), number(b), flags & 1 == 1, flags & 2 == 2);
    let above = move |v: f64| if ex_low { v > low } else { v >= low };
    let below = move |v: f64| if ex_high { v < high } else { v <= high };
    match kind % 4 {
        0 => {
            let epsilon = high.abs();
            let text = format!("<Exact epsilon=\"{epsilon}\">{low}</Exact>");
            Part { text, takes: Box::new(move |v| (v - low).abs() <= epsilon), empty: false, open: None }
        }
        1 => Part {
            text: format!("<Range>{}{}</Range>", bound("LowerBound", low, ex_low), bound("UpperBound", high, ex_high)),
            takes: Box::new(move |v| above(v) && below(v)),
            empty: low > high || (low >= high && (ex_low || ex_high)),
            open: None,
        },
        2 => Part {
            text: bound("LowerBoundedRange", low, ex_low),
            takes: Box::new(above),
            empty: false,
            open: Some("lower"),
        },
        _ => Part {
            text: bound("UpperBoundedRange", high, ex_high),
            takes: Box::new(below),
            empty: false,
            open: Some("upper"),
        },
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let parts: Vec<Part> = data.as_chunks::<4>().0.iter().take(12).map(|bytes| part(*bytes)).collect();
    let inside: String = parts.iter().map(|part| part.text.as_str()).collect();
    let document = format!(
        "<JobDefinition xmlns=\"http://schemas.ggf.org/jsdl/2005/11/jsdl\"><JobDescription><Application>\
         <POSIXApplication xmlns=\"http://schemas.ggf.org/jsdl/2005/11/jsdl-posix\"><Executable>/bin/true</Executable>\
         </POSIXApplication></Application><Resources><IndividualCPUSpeed>{inside}</IndividualCPUSpeed></Resources>\
         </JobDescription></JobDefinition>"
    );
    let twice = |which| parts.iter().filter(|part| part.open == Some(which)).count() > 1;
    let read = read(&document, &Rules::everything(jiff::Timestamp::UNIX_EPOCH));
    if parts.is_empty() || parts.iter().any(|part| part.empty) || twice("lower") || twice("upper") {
        assert!(read.is_err(), "accepted: {document}");
        return;
    }
    let spec = read.unwrap_or_else(|findings| panic!("refused: {findings:?}\n{document}")).spec;
    let clauses = spec.tasks[0].resources.iter().flat_map(|resource| &resource.clauses);
    let clause = clauses.into_iter().find(|clause| clause.attribute == Attribute::CpuSpeed);
    let condition = &clause.unwrap_or_else(|| panic!("no clause: {document}")).condition;
    for quarter in -300..=300 {
        let number = f64::from(quarter) / 4.0;
        let expected = parts.iter().any(|part| (part.takes)(number));
        assert_eq!(condition.holds_for_number(number * MEGA), expected, "{number}: {document}");
    }
});
