// SPDX-License-Identifier: LGPL-2.1-or-later
// Watches folders by inotify(7). Belongs to the main loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "src/base/loop.h"
#include "src/base/result.h"

namespace butaca::origin {

class Watcher {
public:
    // `changed` gets the path of a file or folder that appeared, changed or went; `lost` is called when the
    // kernel dropped events, so that only a full look will do.
    struct Calls {
        std::function<void(std::string path)> changed;
        std::function<void()> lost;
    };

    // `unavailable` when the system has no watches left: the periodic look still finds everything, later.
    static Result<std::unique_ptr<Watcher>> start(Calls calls);

    // Watches one folder, not those below it. Again for the same folder is fine.
    void add(const std::string &folder);

private:
    Watcher(Fd fd, Calls calls);
    void read_events();

    Fd fd_;
    Calls calls_;
    FdWatch readable_;
    std::map<int, std::string> folders_; // by watch descriptor
    bool complained_ = false;
};

} // namespace butaca::origin
