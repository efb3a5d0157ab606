// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/catalogue.h"

namespace butaca::origin {

namespace {
constexpr std::size_t removals_most = 10'000;
}

std::string Catalogue::unique_slug(const std::string &wish) const
{
    if (!slugs_.contains(wish))
        return wish;
    for (unsigned n = 2;; n++) {
        std::string slug = wish + "-" + std::to_string(n);
        if (!slugs_.contains(slug))
            return slug;
    }
}

void Catalogue::advance()
{
    while (removals_.size() > removals_most) {
        oldest_ = removals_.begin()->first;
        removals_.erase(removals_.begin());
    }
    if (changed_)
        changed_();
}

void Catalogue::insert(media::Asset asset, std::uint64_t revision)
{
    auto known = rows_.find(asset.digest);
    if (known != rows_.end()) {
        asset.slug = known->second.asset.slug;
    } else {
        asset.slug = unique_slug(asset.slug);
        slugs_[asset.slug] = asset.digest;
    }
    std::string digest = asset.digest;
    rows_[digest] = {std::move(asset), revision};
}

void Catalogue::restore(media::Asset asset) { insert(std::move(asset), revision_); }

void Catalogue::put(media::Asset asset)
{
    std::erase_if(removals_, [&](const auto &removal) { return removal.second == asset.digest; });
    insert(std::move(asset), ++revision_);
    advance();
}

void Catalogue::remove(const std::string &digest)
{
    auto row = rows_.find(digest);
    if (row == rows_.end())
        return;
    slugs_.erase(row->second.asset.slug);
    rows_.erase(row);
    removals_[++revision_] = digest;
    advance();
}

const media::Asset *Catalogue::find(std::string_view digest) const
{
    auto row = rows_.find(digest);
    return row == rows_.end() ? nullptr : &row->second.asset;
}

std::vector<const media::Asset *> Catalogue::all() const
{
    std::vector<const media::Asset *> assets;
    for (const auto &[digest, row] : rows_)
        assets.push_back(&row.asset);
    return assets;
}

Catalogue::Changes Catalogue::changes(std::uint64_t since) const
{
    Changes changes;
    changes.revision = revision_;
    changes.reset = since < oldest_ || since > revision_;
    for (const auto &[digest, row] : rows_) {
        if (changes.reset || row.revision > since)
            changes.items.push_back(&row.asset);
    }
    if (!changes.reset) {
        for (auto removal = removals_.upper_bound(since); removal != removals_.end(); ++removal)
            changes.removed.push_back(removal->second);
    }
    return changes;
}

} // namespace butaca::origin
