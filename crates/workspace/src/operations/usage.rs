//! What answers took, by day, model and thread.

use cowork_store::{USAGE_DAYS, UsageByModel};

use crate::error::{Result, WorkspaceError};
use crate::state::is_scripted;
use crate::view::{ModelUsage, SessionUsage, UsageDay, UsageReport};
use crate::workspace::{Workspace, blocking};

impl Workspace {
    /// What answers took on some days, each named by its first millisecond; they come in order. Where a day begins is
    /// said by whoever asks, because only the person's clock knows it.
    ///
    /// # Errors
    /// When there are more days than are remembered, they are not in order, or nothing can be read.
    pub async fn usage(&self, days: Vec<i64>) -> Result<UsageReport> {
        let most = usize::try_from(USAGE_DAYS).unwrap_or(usize::MAX);
        if days.len() > most || !days.is_sorted_by(|one, next| one < next) {
            return Err(WorkspaceError::InvalidInput(format!(
                "Name at most {most} days, in order."
            )));
        }
        let store = self.inner.store.clone();
        let (sums, indexing) = blocking(move || {
            let sums = store.usage_by_day(&days)?;
            let sums: Vec<_> = days.into_iter().zip(sums).collect();
            Ok::<_, cowork_store::StoreError>((sums, store.indexing()?))
        })
        .await
        .map_err(WorkspaceError::Internal)?
        .map_err(|error| WorkspaceError::Internal(error.into()))?;
        let days = sums.into_iter().filter(|(_, models)| !models.is_empty());
        Ok(UsageReport {
            days: days
                .map(|(begins, models)| UsageDay {
                    begins,
                    models: shown(models),
                })
                .collect(),
            unread: indexing.waiting,
        })
    }

    /// What a thread and its sub-agents took.
    ///
    /// # Errors
    /// When nothing can be read.
    pub async fn session_usage(&self, session: &str) -> Result<SessionUsage> {
        let (store, session) = (self.inner.store.clone(), session.to_owned());
        let models = blocking(move || store.session_usage(&session))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::Internal(error.into()))?;
        Ok(SessionUsage {
            models: shown(models),
        })
    }
}

/// The dearest first, then those with the most tokens; the demo last.
fn shown(models: UsageByModel) -> Vec<ModelUsage> {
    let mut shown: Vec<_> = models
        .into_iter()
        .map(|(model, sum)| ModelUsage {
            scripted: is_scripted(&model),
            model: Some(model).filter(|model| !model.is_empty()),
            answers: sum.answers,
            input: sum.taken.input,
            output: sum.taken.output.saturating_add(sum.taken.reasoning),
            reasoning: sum.taken.reasoning,
            cache_read: sum.taken.cache_read,
            cache_write: sum.taken.cache_write,
            cost: sum.taken.cost,
        })
        .collect();
    shown.sort_by(|one, other| {
        one.scripted
            .cmp(&other.scripted)
            .then_with(|| other.cost.total_cmp(&one.cost))
            .then_with(|| (other.input + other.output).cmp(&(one.input + one.output)))
            .then_with(|| one.model.cmp(&other.model))
    });
    shown
}

#[cfg(test)]
mod tests {
    use cowork_store::{AnswerUsage, UsageSum};

    use super::*;

    fn sum(output: u64, cost: f64) -> UsageSum {
        UsageSum {
            answers: 1,
            taken: AnswerUsage {
                output,
                reasoning: 5,
                cost,
                ..AnswerUsage::default()
            },
        }
    }

    #[test]
    fn the_dearest_comes_first_and_the_demo_last() {
        let demo = format!("{}/scripted", crate::render::DEMO_PROVIDER);
        let models = [
            (demo.as_str(), sum(900, 0.0)),
            ("p/cheap", sum(100, 0.5)),
            ("p/dear", sum(1, 2.0)),
            ("", sum(3, 0.0)),
            ("local/free", sum(800, 0.0)),
        ];
        let shown = shown(models.map(|(model, sum)| (model.to_owned(), sum)).into());
        let names: Vec<_> = shown.iter().map(|usage| usage.model.as_deref()).collect();
        assert_eq!(
            names,
            [
                Some("p/dear"),
                Some("p/cheap"),
                Some("local/free"),
                None,
                Some(demo.as_str())
            ]
        );
        assert_eq!((shown[0].output, shown[0].reasoning), (6, 5));
        assert_eq!(shown.iter().filter(|usage| usage.scripted).count(), 1);
    }
}
