//! The canonical document. Its elements stand in the order of the dialect; what the dialect has no word for is said with a few additions:
//! `reservation`, `limits`, `processLimits`, `product` and `axis`, and the attributes `tileSize`, `processesPerHost`, `threads`.

use super::execution::yes;
use super::markup::Markup;
use super::{execution, places, times, workflow};
use crate::job::{Spec, TaskSpec};

fn priority(priority: i32) -> Option<String> {
    (priority != 0).then(|| priority.to_string())
}

pub(super) fn document(spec: &Spec) -> String {
    let mut markup = Markup::default();
    let attributes = [
        ("appId", Some(spec.app_id.clone())),
        ("project", spec.project.clone()),
        ("commitWait", yes(spec.commit_wait)),
        ("priority", priority(spec.priority)),
    ];
    markup.element("qcgJob", &attributes, |markup| {
        if let Some(description) = &spec.description {
            markup.leaf("description", &[], description);
        }
        markup.section("annotations", |markup| {
            for (name, text) in &spec.annotations {
                markup.leaf("annotation", &[("name", name.clone())], text);
            }
        });
        spec.tasks.iter().for_each(|one| task(markup, one));
        if let Some(times) = &spec.execution_time {
            times::execution_time(markup, times);
        }
    });
    markup.finish()
}

fn task(markup: &mut Markup, task: &TaskSpec) {
    let attributes = [
        ("taskId", Some(task.id.to_string())),
        ("persistent", yes(task.persistent)),
        ("crucial", (!task.crucial).then(|| "false".to_owned())),
        ("commitWait", yes(task.commit_wait)),
        ("priority", priority(task.priority)),
    ];
    markup.element("task", &attributes, |markup| {
        if let Some(description) = &task.description {
            markup.leaf("description", &[], description);
        }
        places::requirements(markup, task);
        execution::execution(markup, task);
        if let Some(times) = &task.execution_time {
            times::execution_time(markup, times);
        }
        if let Some(reservation) = &task.reservation {
            times::reservation(markup, reservation);
        }
        if let Some(trigger) = &task.trigger {
            markup.element("workflow", &[], |markup| workflow::trigger(markup, trigger));
        }
        if let Some(sweep) = &task.sweep {
            workflow::sweep(markup, sweep);
        }
    });
}
