// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/app/catalogue_sync.h"

#include <algorithm>

#include "src/base/json.h"
#include "src/base/log.h"

namespace butaca::app {

namespace {

constexpr std::chrono::milliseconds try_again{1000};

std::string name_of(const playback::OriginAddress &origin) { return origin.scheme + " " + origin.url; }

// "sintel-trailer_720p" reads better as "sintel trailer 720p".
std::string title_from(std::string slug)
{
    std::replace_if(
        slug.begin(), slug.end(), [](char c) { return c == '_' || c == '-' || c == '.'; }, ' ');
    if (!slug.empty() && slug[0] >= 'a' && slug[0] <= 'z')
        slug[0] = static_cast<char>(slug[0] - 'a' + 'A');
    return slug;
}

store::ItemRow row_of(const media::Asset &asset, const std::string &origin)
{
    json::Writer writer;
    media::write_json(writer, asset);
    store::ItemRow row;
    row.digest = asset.digest;
    row.kind = asset.kind;
    row.slug = asset.slug;
    row.title = asset.tags.title.empty() ? title_from(asset.slug) : asset.tags.title;
    row.artist = asset.tags.artist;
    row.album = asset.tags.album;
    row.year = asset.tags.year;
    row.duration_ms = (asset.duration_ns + 500'000) / 1'000'000;
    row.origin = origin;
    row.facts = writer.take();
    return row;
}

Status store_rows(pg::Connection &connection, const std::string &origin,
                  const std::vector<store::ItemRow> &rows)
{
    std::vector<std::string> present;
    present.reserve(rows.size());
    for (const auto &row : rows)
        present.push_back(row.digest);
    // First what is gone: a film that a better copy replaced then keeps its name.
    if (auto marked = store::mark_absent(connection, origin, present); !marked)
        return fail(marked.error());
    return store::upsert_items(connection, rows);
}

} // namespace

void CatalogueSync::offer(const playback::OriginAddress &origin,
                          const std::vector<std::shared_ptr<const media::Asset>> &assets)
{
    std::string name = name_of(origin);
    auto &pending = pending_[name];
    if (!pending)
        pending = std::make_unique<Pending>();
    pending->rows.clear();
    for (const auto &asset : assets)
        pending->rows.push_back(row_of(*asset, name));
    pending->dirty = true;
    if (!pending->writing)
        write(name);
}

bool CatalogueSync::stored() const
{
    return std::none_of(pending_.begin(), pending_.end(), [](const auto &entry) {
        return entry.second->writing || entry.second->dirty || entry.second->again.running();
    });
}

void CatalogueSync::write(const std::string &origin)
{
    Pending &pending = *pending_[origin];
    pending.writing = true;
    pending.dirty = false;
    using Done = bool;
    auto queued = database_.call<Done>(
        [origin, rows = pending.rows](pg::Connection &connection) -> Result<Done> {
            auto stored = store_rows(connection, origin, rows);
            return stored ? Result<Done>(true) : fail(stored.error());
        },
        [this, origin](Result<Done> stored) {
            Pending &current = *pending_[origin];
            current.writing = false;
            if (!stored) {
                log::warn("catalogue.not_stored", {{"origin", origin}, {"why", stored.error().detail}});
                current.again.once(try_again, [this, origin] { write(origin); });
            } else if (current.dirty) {
                write(origin);
            }
        });
    if (!queued) {
        pending.writing = false;
        pending.again.once(try_again, [this, origin] { write(origin); });
    }
}

void CatalogueSync::recall(playback::Origins &origins, const std::function<void()> &done)
{
    recall_page(origins, "", done);
}

void CatalogueSync::recall_page(playback::Origins &origins, const std::string &cursor,
                                const std::function<void()> &done)
{
    store::ListQuery query;
    query.limit = 200;
    query.cursor = cursor;
    auto queued = database_.call<store::Page>(
        [query](pg::Connection &connection) { return store::list_items(connection, query); },
        [this, &origins, done](Result<store::Page> page) {
            if (!page) {
                log::warn("catalogue.not_recalled", {{"why", page.error().detail}});
                return done();
            }
            for (const auto &item : page->items) {
                auto document = json::Value::parse(item.facts);
                auto asset = document ? media::asset_from_json(*document) : fail(document.error());
                auto space = item.origin.find(' ');
                if (asset && space != std::string::npos)
                    origins.remember({item.origin.substr(0, space), item.origin.substr(space + 1)},
                                     std::make_shared<const media::Asset>(std::move(*asset)));
            }
            page->next.empty() ? done() : recall_page(origins, page->next, done);
        });
    if (!queued) {
        log::warn("catalogue.not_recalled", {{"why", queued.error().detail}});
        done();
    }
}

} // namespace butaca::app
