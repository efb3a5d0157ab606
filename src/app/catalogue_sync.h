// SPDX-License-Identifier: LGPL-2.1-or-later
// Carries what the origins list into the database, and what the database knows back to the origins at start.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/base/loop.h"
#include "src/media/facts.h"
#include "src/playback/origins.h"
#include "store/catalogue.h"
#include "store/pg/database.h"

namespace butaca::app {

// Belongs to the main loop. A list that cannot be written is tried again until it is, or a newer one takes
// its place.
class CatalogueSync {
public:
    // `database` must outlive this.
    explicit CatalogueSync(pg::Database &database) : database_(database) {}

    // The origin's whole list, as it is now.
    void offer(const playback::OriginAddress &origin,
               const std::vector<std::shared_ptr<const media::Asset>> &assets);

    // Has all that was offered so far been written?
    bool stored() const;

    // Tells `origins` what the database remembers, so that cached titles play although their origin is down;
    // then calls `done`, also when the database did not answer.
    void recall(playback::Origins &origins, const std::function<void()> &done);

private:
    void write(const std::string &origin);
    void recall_page(playback::Origins &origins, const std::string &cursor,
                     const std::function<void()> &done);

    struct Pending {
        std::vector<store::ItemRow> rows;
        bool writing = false;
        bool dirty = false;
        Timer again;
    };
    pg::Database &database_;
    std::map<std::string, std::unique_ptr<Pending>> pending_; // by origin, "vs http://…"
};

} // namespace butaca::app
