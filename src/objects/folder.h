// SPDX-License-Identifier: LGPL-2.1-or-later
// Objects as files below one folder, never more than a quota of bytes. What a crash leaves half written is
// never served: a file gets its name, which holds its size, only once it is whole and synced.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "src/objects/folder_index.h"
#include "src/objects/store.h"

namespace butaca::objects {

// Thread-safe. The folder belongs to one process at a time.
class FolderStore final : public ObjectStore {
public:
    // Makes the folder. The quota counts whole blocks of 4 KiB, as the disk does. Nothing is read yet: see
    // scan().
    static Result<std::unique_ptr<FolderStore>> start(std::string folder, std::uint64_t quota_bytes);

    // Finds what an earlier run left, removes torn files, and makes room if the quota has shrunk. Blocks for
    // some milliseconds per thousand objects; meanwhile open() works already, but put() is `unavailable`.
    void scan();
    bool scanned() const;

    Status put(const std::string &key, std::string_view bytes, std::uint64_t cost_ms) override;
    Result<OpenObject> open(const std::string &key) override;
    void remove(const std::string &key) override;
    std::uint64_t size_bytes(const std::string &key) const override;
    std::uint64_t used_bytes() const override;

private:
    FolderStore(std::string folder, std::uint64_t quota_bytes);
    std::string path_of(const ObjectName &name) const;
    std::optional<ObjectName> look_up(const std::string &key) const;
    Status reserve(std::uint64_t bytes);
    void forget(const ObjectName &name);
    void delete_file(const ObjectName &name);

    const std::string folder_;
    const std::uint64_t quota_bytes_;

    // Held while files are removed, so that no file is written under a name that is about to go. Taken before
    // mutex_, and never on the loop.
    std::mutex removal_mutex_;
    mutable std::mutex mutex_; // guards what follows; never held during disk work
    FolderIndex index_;
    std::set<std::string> writing_; // keys that are being put
    std::uint64_t used_bytes_ = 0;
    bool scanned_ = false;
};

} // namespace butaca::objects
