// SPDX-License-Identifier: LGPL-2.1-or-later
// Packet indexes close at hand: the last ones in memory, all of them in a folder, so that playing goes on
// while an origin is down. Belongs to the main loop; files are read and parsed on a thread of its own.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "src/base/executor.h"
#include "src/base/result.h"
#include "src/media/index.h"

namespace butaca::playback {

class IndexShelf {
public:
    using IndexPtr = std::shared_ptr<const media::PacketIndex>;
    using Done = std::function<void(Result<IndexPtr>)>;

    explicit IndexShelf(std::string folder) : folder_(std::move(folder)) {}

    // The index if it is in memory, else null.
    IndexPtr in_memory(const std::string &digest);
    // Reads it from the folder: `not_found`, or `invalid_argument` when what lies there is damaged.
    void load(const std::string &digest, Done done);
    // Parses what an origin sent, and keeps it. `invalid_argument` when it is no index.
    void keep(const std::string &digest, std::string bytes, Done done);

private:
    std::string path_of(const std::string &digest) const { return folder_ + "/" + digest + ".idx"; }
    void run(const std::string &digest, std::function<Result<IndexPtr>()> work, Done done);

    std::string folder_;
    std::list<std::pair<std::string, IndexPtr>> recent_; // most recently used first
    Executor files_{1, 256}; // last, so that it is gone before what its completions touch
};

} // namespace butaca::playback
