// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/objects/folder_index.h"

#include <algorithm>
#include <iterator>

namespace butaca::objects {

namespace {
constexpr std::size_t candidates = 8;
} // namespace

bool FolderIndex::add(const ObjectName &name)
{
    if (positions_.contains(name.key))
        return false;
    positions_[name.key] = order_.insert(
        order_.end(), {name, static_cast<double>(name.cost_ms) / static_cast<double>(name.size_bytes + 1)});
    return true;
}

const ObjectName *FolderIndex::find(const std::string &key) const
{
    auto found = positions_.find(key);
    return found == positions_.end() ? nullptr : &found->second->name;
}

void FolderIndex::touch(const std::string &key)
{
    auto found = positions_.find(key);
    if (found != positions_.end())
        order_.splice(order_.end(), order_, found->second);
}

std::optional<ObjectName> FolderIndex::remove(const std::string &key)
{
    auto found = positions_.find(key);
    if (found == positions_.end())
        return std::nullopt;
    ObjectName name = std::move(found->second->name);
    order_.erase(found->second);
    positions_.erase(found);
    return name;
}

std::optional<ObjectName> FolderIndex::evict()
{
    if (order_.empty())
        return std::nullopt;
    auto end = std::next(order_.begin(), static_cast<std::ptrdiff_t>(std::min(candidates, order_.size())));
    auto victim = std::min_element(order_.begin(), end,
                                   [](const Entry &a, const Entry &b) { return a.worth < b.worth; });
    // The older ones were spared.
    for (auto spared = order_.begin(); spared != victim; ++spared)
        spared->worth /= 2;
    return remove(std::string(victim->name.key));
}

} // namespace butaca::objects
