//! The tile sizes of an `mpichg` run against the number of its processes.

use crate::description::findings::At;
use crate::description::reader::{Reader, tiles};
use crate::description::view;
use crate::job::{Code, Launch, ResourceRequest};
use crate::xml::lexical;
use roxmltree::Node;

/// Holds the tile sizes of the resources in `parent` against the way of launching.
pub(in crate::description) fn check(
    reader: &mut Reader<'_>,
    executable: Node<'_, '_>,
    parent: Node<'_, '_>,
    read: &[ResourceRequest],
) {
    let resources: Vec<_> = view::named(parent, "resource").collect();
    if executable.attribute("type").map(lexical::trim) != Some(Launch::MpichG.as_str()) {
        for (node, name) in resources.into_iter().flat_map(tiles) {
            let say = format!("{name} has an effect with type mpichg only");
            reader.findings.warning(Code::DescInconsistent, At::Attribute(node, name), say);
        }
        return;
    }
    if resources.is_empty() {
        let say = "mpichg needs one resource for each part of the run, each with a hostname and a tile size";
        reader.inconsistent(At::Element(executable), say);
        return;
    }
    for resource in &resources {
        if view::child(*resource, "hostname").is_none() || tiles(*resource).next().is_none() {
            let say = "every resource of an mpichg run needs a hostname and a tile size: <hostname tileSize=\"2\">";
            reader.inconsistent(At::Element(*resource), say);
        }
    }
    let sizes = read.iter().filter_map(|request| request.tile_size.map(i64::from));
    let (parts, sum) = sizes.fold((0, 0), |(parts, sum), size| (parts + 1, sum + size));
    let count = executable.attribute("count").map_or(Some(1), lexical::integer);
    if let Some(count) = count.filter(|count| parts == resources.len() && sum != *count) {
        let given = executable.has_attribute("count");
        let at = if given { At::Attribute(executable, "count") } else { At::Element(executable) };
        reader.inconsistent(at, format!("sum of tile sizes is {sum}, count is {count}; make them equal"));
    }
}
