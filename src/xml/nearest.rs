//! Near misses among names: what a person probably meant by a word that is not known.

const LONGEST: usize = 40;

/// The known word closest to `word`, if it is close enough to be a slip of the pen: another letter case, or at most one
/// wrong, missing, additional or exchanged letter for every three, three altogether.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.chars().count() > LONGEST {
        return None;
    }
    let given: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let allowed = (given.len() / 3).clamp(1, 3);
    known
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| {
            let letters: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
            (distance(&given, &letters), letters.len(), candidate)
        })
        .filter(|&(distance, length, _)| distance <= allowed && distance < length)
        .min_by_key(|&(distance, ..)| distance)
        .map(|(.., candidate)| candidate)
}

/// Insertions, deletions, substitutions and exchanges of neighbours (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, &y) in b.iter().enumerate() {
            let mut least = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_recognised_and_strangers_are_not() {
        let known = ["arguments", "stdin", "stdout", "stderr", "file", "executable"];
        for (word, meant) in [
            ("argumnets", Some("arguments")),
            ("Arguments", Some("arguments")),
            ("STDIN", Some("stdin")),
            ("stdot", Some("stdout")),
            ("fiel", Some("file")),
            ("executble", Some("executable")),
            ("banana", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
        assert_eq!(nearest(&"a".repeat(1_000_000), known), None);
    }
}
