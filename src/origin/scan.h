// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps the catalogue true to the folders: finds files, waits until they have settled, names them by their
// bytes, has them probed, offers them; and takes them back when they go. Belongs to the main loop; what
// blocks runs on Executors, what is dangerous in a child process. One file is read at a time.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "src/base/executor.h"
#include "src/base/loop.h"
#include "src/base/result.h"
#include "src/origin/catalogue.h"
#include "src/origin/intake.h"
#include "src/origin/library.h"
#include "src/origin/listing.h"
#include "src/origin/probe_child.h"
#include "src/origin/settle.h"
#include "src/origin/sidecars.h"
#include "src/origin/store.h"
#include "src/origin/watch.h"

namespace butaca::origin {

class Scanner {
public:
    struct Settings {
        std::vector<std::string> folders; // real paths, none inside another
        Policy policy;
        std::chrono::milliseconds settle{2000};
        std::chrono::milliseconds rescan{60'000};
        ProbeJob::Settings probe;
    };

    // Offers at once what was known, then starts to look. `store` and `catalogue` outlive the scanner.
    Scanner(Settings settings, const Store &store, Catalogue &catalogue, Library library);
    ~Scanner();
    Scanner(const Scanner &) = delete;
    Scanner &operator=(const Scanner &) = delete;

    const Library &library() const { return library_; }
    // Looks at a path again soon (something found that it is not what it was).
    void look_again(const std::string &path);
    // Nothing is waiting, being read or about to be looked at. on_idle: called each time that becomes true.
    bool idle() const;
    void on_idle(std::function<void()> work) { became_idle_ = std::move(work); }
    // Writes the state as of now; at the end of the program.
    void save_state();

private:
    void look_everywhere();
    void look_at(const std::set<std::string> &paths);
    void take_listing(const std::set<std::string> &scopes, Listing listing);
    void see(Entry entry);
    void watch_folders(const std::set<std::string> &scopes, const std::vector<std::string> &folders);
    void drop_missing(const std::set<std::string> &scopes, const std::set<std::string> &seen);
    void poll_settling();
    void offer_broken(const Entry &entry, const std::string &digest, const std::string &reason);
    void attach(const Entry &entry, const std::string &digest);
    void sidecar_changed(const std::string &path);
    void gather_subtitles(const std::string &digest);
    void detach(const std::string &path);
    Intake::Calls intake_calls();
    void state_changed();
    const std::string &root_of(const std::string &path) const;
    State state_now(std::uint64_t revision) const;

    const Settings settings_;
    const Store &store_;
    Catalogue &catalogue_;
    Library library_;
    Settler settler_;
    std::unique_ptr<Watcher> watcher_;
    std::set<std::string> watched_;
    std::set<std::string> touched_; // paths that something happened at
    unsigned looks_ = 0;            // under way
    Timer touch_timer_, settle_timer_, rescan_timer_, state_timer_;
    std::function<void()> became_idle_;
    // Late, so that their threads end before what they use goes.
    Executor disk_{1, 100'000};
    Sidecars sidecars_;
    Intake intake_;
};

} // namespace butaca::origin
