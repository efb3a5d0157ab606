// SPDX-License-Identifier: LGPL-2.1-or-later
// What a FolderStore knows about its files without asking the disk: sizes, ages, and who goes first when room
// is needed. No locks of its own.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "src/objects/object_name.h"

namespace butaca::objects {

class FolderIndex {
public:
    // Adds an object as the most recently used one; false when there is one of that key already.
    bool add(const ObjectName &name);
    const ObjectName *find(const std::string &key) const;
    // Makes it the most recently used one.
    void touch(const std::string &key);
    std::optional<ObjectName> remove(const std::string &key);
    // Takes out the object to give up first: the cheapest to make again, per byte, of the few least recently
    // used ones. Each time that a dear one is spared it counts for half, so that nothing stays for ever.
    std::optional<ObjectName> evict();
    std::size_t size() const { return positions_.size(); }

private:
    struct Entry {
        ObjectName name;
        double worth; // milliseconds to make it again, per byte
    };
    using Order = std::list<Entry>;
    Order order_; // the least recently used one first
    std::unordered_map<std::string, Order::iterator> positions_;
};

} // namespace butaca::objects
