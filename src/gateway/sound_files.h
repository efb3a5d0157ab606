// SPDX-License-Identifier: LGPL-2.1-or-later
// The files of sound that were asked for last, with what is known of their sizes. Belongs to the loop.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>

#include "src/playback/files/file_format.h"

namespace butaca::gateway {

class SoundFiles {
public:
    using FilePtr = std::shared_ptr<playback::files::FileFormat>;

    // Null when it is not remembered.
    FilePtr find(const std::string &key)
    {
        auto at = by_key_.find(key);
        if (at == by_key_.end())
            return nullptr;
        kept_.splice(kept_.begin(), kept_, at->second);
        return at->second->second;
    }
    void keep(const std::string &key, FilePtr file)
    {
        if (find(key))
            return;
        kept_.emplace_front(key, std::move(file));
        by_key_[key] = kept_.begin();
        if (kept_.size() <= kept_most)
            return;
        by_key_.erase(kept_.back().first);
        kept_.pop_back();
    }

private:
    // A long recording's sizes and grid are some tens of kilobytes.
    static constexpr std::size_t kept_most = 256;
    std::list<std::pair<std::string, FilePtr>> kept_;
    std::map<std::string, decltype(kept_)::iterator> by_key_;
};

} // namespace butaca::gateway
