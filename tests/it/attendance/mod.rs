//! From a report that Zoom wrote to learning hours that can be trusted, and back.

mod by_hand;
mod files;
mod import;
mod interrupted;
mod junk;
mod lists;
mod matching;
mod properties;
mod rules;

use smartclass::ids::ClassId;

use crate::support::{Person, Visitor, World, Zoom, visitor::css, world::evening};

/// A class whose people hold seats, and its organiser at the site that evening.
struct Scene {
    world: World,
    class: ClassId,
    by: Person,
    organiser: Visitor,
}

impl Scene {
    async fn new(world: World, seated: &[&Person]) -> Self {
        let class = world.class().create().await;
        for person in seated {
            world.enrol(class, person).await;
        }
        let by = world.organiser().await;
        let organiser = world.signed_in(&by, evening()).await;
        Self { world, class, by, organiser }
    }

    /// Uploads a report and stays at its preview.
    async fn upload(&mut self, report: &Zoom) -> &mut Visitor {
        self.upload_bytes("laporan.csv", &report.csv()).await
    }

    async fn upload_bytes(&mut self, name: &str, bytes: &[u8]) -> &mut Visitor {
        let path = format!("/kelola/kelas/{}/impor", self.class);
        self.organiser.open(&path).await.upload("Unggah dan periksa", "file", name, bytes).await
    }

    /// What was decided, as the list of the class says it: `Ada: Hadir, 2 JP`.
    async fn decided(&self) -> Vec<String> {
        let lines =
            smartclass::attendance::lines(&mut *self.world.conn().await, self.class).await.unwrap();
        lines
            .iter()
            .map(|line| format!("{}: {}, {} JP", line.name, line.outcome.label(), line.jp))
            .collect()
    }
}

/// The numbers on top of the preview, by their names.
fn tile(visitor: &Visitor, name: &str) -> String {
    let tiles = visitor.sees(".tiles > div");
    let tile = tiles
        .iter()
        .find_map(|tile| tile.strip_prefix(name))
        .unwrap_or_else(|| panic!("no {name} in {tiles:?}"));
    tile.trim().to_owned()
}

/// The first field whose name begins so.
fn field(visitor: &Visitor, selector: &str) -> String {
    let html = visitor.html();
    let found =
        html.select(&css(selector)).next().and_then(|one| one.attr("name").map(str::to_owned));
    found.unwrap_or_else(|| panic!("no {selector} in\n{}", visitor.page()))
}
