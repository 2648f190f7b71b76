//! Random histories against a model in one thread.

use std::collections::VecDeque;

use proptest::{collection::vec, prelude::*};
use smartclass::{
    enrolment::{EnrolError, State, enrol, participants, withdraw},
    ids::ClassId,
    schedule::{self, Plan},
};
use sqlx::PgPool;

use crate::support::{
    Person, World, assert_in_order, histories,
    world::{monday, plan},
};

#[derive(Debug, Clone)]
enum Step {
    Enrol(usize),
    Withdraw(usize),
    /// The quota becomes this, or the seats taken when that is more.
    Quota(i32),
}

const PEOPLE: usize = 6;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (0..PEOPLE).prop_map(Step::Enrol),
        3 => (0..PEOPLE).prop_map(Step::Withdraw),
        1 => (1..5).prop_map(Step::Quota),
    ];
    vec(step, 1..40)
}

/// Seats and a queue, the plain way.
#[derive(Default)]
struct Model {
    quota: usize,
    seated: Vec<usize>,
    queue: VecDeque<usize>,
}

impl Model {
    fn enrol(&mut self, who: usize) -> Option<State> {
        if self.seated.contains(&who) || self.queue.contains(&who) {
            return None;
        }
        if self.queue.is_empty() && self.seated.len() < self.quota {
            self.seated.push(who);
            Some(State::Active)
        } else {
            self.queue.push_back(who);
            Some(State::Waiting)
        }
    }

    fn withdraw(&mut self, who: usize) -> bool {
        let before = self.seated.len() + self.queue.len();
        self.seated.retain(|one| *one != who);
        self.queue.retain(|one| *one != who);
        self.promote();
        self.seated.len() + self.queue.len() < before
    }

    fn promote(&mut self) {
        while self.seated.len() < self.quota
            && let Some(next) = self.queue.pop_front()
        {
            self.seated.push(next);
        }
    }
}

async fn step(
    world: &World,
    class: ClassId,
    people: &[Person],
    model: &mut Model,
    step: &Step,
) -> Result<(), String> {
    let mut tx = world.db.begin().await.unwrap();
    let now = monday();
    match *step {
        Step::Enrol(who) => {
            let expected = model.enrol(who);
            match enrol(&mut tx, class, people[who].id, now).await {
                Ok(state) if Some(state) == expected => tx.commit().await.unwrap(),
                Err(EnrolError::AlreadyEnrolled) if expected.is_none() => {
                    tx.rollback().await.unwrap();
                }
                other => return Err(format!("{step:?} gave {other:?}, the model {expected:?}")),
            }
        }
        Step::Withdraw(who) => {
            let expected = model.withdraw(who);
            match withdraw(&mut tx, class, people[who].id, now).await {
                Ok(()) if expected => tx.commit().await.unwrap(),
                Err(EnrolError::NotEnrolled) if !expected => tx.rollback().await.unwrap(),
                other => return Err(format!("{step:?} gave {other:?}, the model {expected:?}")),
            }
        }
        Step::Quota(wanted) => {
            let quota = wanted.max(i32::try_from(model.seated.len()).unwrap());
            model.quota = usize::try_from(quota).unwrap();
            model.promote();
            let version = smartclass::class::find(&mut tx, class).await.unwrap().version;
            let plan = Plan { quota, ..plan() };
            schedule::change(&mut tx, class, version, &plan, people[0].id, now).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
    agrees(world, class, people, model).await
}

/// The database says what the model says: who is seated, who waits in which order, the counters.
async fn agrees(
    world: &World,
    class: ClassId,
    people: &[Person],
    model: &Model,
) -> Result<(), String> {
    let all = participants(&mut *world.conn().await, class).await.unwrap();
    let of = |state: State| all.iter().filter(move |one| one.state == state).map(|one| one.person);
    let mut seated: Vec<_> = of(State::Active).collect();
    let mut expected: Vec<_> = model.seated.iter().map(|who| people[*who].id).collect();
    seated.sort_unstable();
    expected.sort_unstable();
    let queue: Vec<_> = of(State::Waiting).collect();
    let line: Vec<_> = model.queue.iter().map(|who| people[*who].id).collect();
    let found = world.find(class).await;
    let counters = (usize::try_from(found.taken).unwrap(), usize::try_from(found.waiting).unwrap());
    if seated != expected || queue != line || counters != (expected.len(), line.len()) {
        return Err(format!(
            "seated {seated:?}, model {expected:?}; queue {queue:?}, model {line:?}; {counters:?}"
        ));
    }
    Ok(())
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn any_history_gives_the_seats_that_one_clerk_would_have_given(db: PgPool) {
    let world = World::new(db.clone());
    let people = world.people(PEOPLE).await;
    histories::all(24, steps(), async |steps: Vec<Step>| {
        let class = world.class().seats(2).create().await;
        let mut model = Model { quota: 2, ..Model::default() };
        for one in &steps {
            step(&world, class, &people, &mut model, one).await?;
        }
        Ok(())
    })
    .await;
    assert_in_order(&db).await;
}
