// SPDX-License-Identifier: LGPL-2.1-or-later
// All assets that an origin offers, and what changed since when. Belongs to the main loop.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "src/media/facts.h"

namespace butaca::origin {

class Catalogue {
public:
    // Revisions go on from `revision`; who asks for changes since an earlier one gets everything.
    explicit Catalogue(std::uint64_t revision) : revision_(revision), oldest_(revision) {}

    // Takes what was known at the start, as of the revision given to the constructor.
    void restore(media::Asset asset);

    // Adds or replaces. The slug is made unique ("film-2") unless the asset had one already.
    void put(media::Asset asset);
    void remove(const std::string &digest);

    const media::Asset *find(std::string_view digest) const;
    std::vector<const media::Asset *> all() const;
    std::uint64_t revision() const { return revision_; }

    struct Changes {
        std::uint64_t revision = 0;
        bool reset = false; // `items` is everything; forget what you knew
        std::vector<const media::Asset *> items;
        std::vector<std::string> removed;
    };
    Changes changes(std::uint64_t since) const;

    // Called after each change.
    void on_change(std::function<void()> work) { changed_ = std::move(work); }

private:
    struct Row {
        media::Asset asset;
        std::uint64_t revision = 0;
    };
    void insert(media::Asset asset, std::uint64_t revision);
    std::string unique_slug(const std::string &wish) const;
    void advance();

    std::uint64_t revision_;
    std::uint64_t oldest_; // removals before it are forgotten
    std::map<std::string, Row, std::less<>> rows_;
    std::map<std::string, std::string> slugs_;      // slug to digest
    std::map<std::uint64_t, std::string> removals_; // by revision
    std::function<void()> changed_;
};

} // namespace butaca::origin
