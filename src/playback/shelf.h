// SPDX-License-Identifier: LGPL-2.1-or-later
// What origins made of an asset (packet indexes, cues) close at hand: the last ones in memory, all of them in
// a folder, so that playing goes on while an origin is down. Belongs to the main loop; files are read and
// parsed on a thread of its own.
#pragma once

#include <algorithm>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/executor.h"
#include "src/base/files.h"
#include "src/base/log.h"
#include "src/base/result.h"

namespace butaca::playback {

// `Value` has a static parse(bytes), which checks all that an origin may have got wrong.
template <typename Value> class Shelf {
public:
    using Pointer = std::shared_ptr<const Value>;
    using Done = std::function<void(Result<Pointer>)>;

    // Files are named by their key and `suffix` (".idx").
    Shelf(std::string folder, std::string suffix) : folder_(std::move(folder)), suffix_(std::move(suffix)) {}

    // The value if it is in memory, else null.
    Pointer in_memory(const std::string &key)
    {
        auto at = std::find_if(recent_.begin(), recent_.end(),
                               [&](const auto &entry) { return entry.first == key; });
        if (at == recent_.end())
            return nullptr;
        recent_.splice(recent_.begin(), recent_, at);
        return at->second;
    }
    // Reads it from the folder: `not_found`, or `invalid_argument` when what lies there is damaged.
    void load(const std::string &key, Done done)
    {
        auto work = [path = path_of(key)]() -> Result<Pointer> {
            auto bytes = read_file(path, limit_bytes);
            return bytes ? parse(*bytes) : fail(bytes.error());
        };
        run(key, std::move(work), std::move(done));
    }
    // Parses what an origin sent, and keeps it. `invalid_argument` when it is none.
    void keep(const std::string &key, std::string bytes, Done done)
    {
        auto work = [path = path_of(key), bytes = std::move(bytes)]() -> Result<Pointer> {
            auto value = parse(bytes);
            if (value)
                if (auto written = write_file_atomically(path, bytes, 0600); !written)
                    log::warn("origin.artefact.not_kept", {{"why", written.error().detail}});
            return value;
        };
        run(key, std::move(work), std::move(done));
    }
    // Where it lies, once load() or keep() has given it.
    std::string path_of(const std::string &key) const { return folder_ + "/" + key + suffix_; }

private:
    static constexpr std::size_t limit_bytes = 64U << 20;
    static constexpr std::size_t kept_in_memory = 16;

    // Milliseconds of work for a long film.
    static Result<Pointer> parse(std::string_view bytes)
    {
        auto parsed = Value::parse(bytes);
        if (!parsed)
            return fail(parsed.error());
        return std::make_shared<const Value>(std::move(*parsed));
    }
    void run(const std::string &key, std::function<Result<Pointer>()> work, Done done)
    {
        auto queued = files_.call<Result<Pointer>>(std::move(work), [this, key, done](Result<Pointer> value) {
            if (value) {
                recent_.emplace_front(key, *value);
                if (recent_.size() > kept_in_memory)
                    recent_.pop_back();
            }
            done(std::move(value));
        });
        if (!queued)
            done(fail(queued.error()));
    }

    std::string folder_;
    std::string suffix_;
    std::list<std::pair<std::string, Pointer>> recent_; // most recently used first
    Executor files_{1, 256}; // last, so that it is gone before what its completions touch
};

} // namespace butaca::playback
