// SPDX-License-Identifier: LGPL-2.1-or-later
// Room is made before a byte is written, and bytes count as used until their file is really gone: so the sum
// is never above the quota, whatever happens in between.
#include "src/objects/folder.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/files.h"
#include "src/base/log.h"

namespace butaca::objects {

namespace {

constexpr std::uint64_t block_bytes = 4096;

std::uint64_t on_disk(std::uint64_t size_bytes)
{
    return (size_bytes + block_bytes - 1) / block_bytes * block_bytes;
}

struct Found {
    ObjectName name;
    std::string path;
    timespec used{}; // when it was read last, as far as the file tells
};

bool older(const Found &a, const Found &b)
{
    return std::pair(a.used.tv_sec, a.used.tv_nsec) < std::pair(b.used.tv_sec, b.used.tv_nsec);
}

// The whole objects of one of the 256 folders; torn files are removed.
void read_folder(const std::string &folder, std::vector<Found> &all)
{
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        struct stat facts = {};
        std::string path = entry->path().string();
        if (::lstat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode))
            continue;
        auto name = parse_file_name(entry->path().filename().string());
        if (name && name->size_bytes == static_cast<std::uint64_t>(facts.st_size))
            all.push_back({std::move(*name), std::move(path), facts.st_mtim});
        else
            ::unlink(path.c_str());
    }
}

} // namespace

FolderStore::FolderStore(std::string folder, std::uint64_t quota_bytes)
    : folder_(std::move(folder)), quota_bytes_(quota_bytes)
{
}

Result<std::unique_ptr<FolderStore>> FolderStore::start(std::string folder, std::uint64_t quota_bytes)
{
    if (auto made = make_directories(folder); !made)
        return fail(std::move(made).error());
    return std::unique_ptr<FolderStore>(new FolderStore(std::move(folder), quota_bytes));
}

void FolderStore::scan()
{
    std::vector<Found> all;
    static constexpr std::string_view digits = "0123456789abcdef";
    for (char high : digits)
        for (char low : digits)
            read_folder(folder_ + "/" + high + low, all);
    std::sort(all.begin(), all.end(), older);
    for (const Found &found : all) {
        std::unique_lock lock(mutex_);
        if (index_.add(found.name)) {
            used_bytes_ += on_disk(found.name.size_bytes);
            continue;
        }
        lock.unlock();
        ::unlink(found.path.c_str());
    }
    (void)reserve(0);
    std::lock_guard lock(mutex_);
    scanned_ = true;
    log::info("objects.ready", {{"objects", index_.size()}, {"bytes", used_bytes_}});
}

bool FolderStore::scanned() const
{
    std::lock_guard lock(mutex_);
    return scanned_;
}

Status FolderStore::put(const std::string &key, std::string_view bytes, std::uint64_t cost_ms)
{
    if (!is_key(key))
        return fail(ErrorCode::invalid_argument, "this cannot be the key of an object", key);
    {
        std::lock_guard lock(mutex_);
        if (!scanned_)
            return fail(ErrorCode::unavailable, "the store is not ready yet");
        if (index_.find(key) || !writing_.insert(key).second)
            return {};
    }
    std::uint64_t needed_bytes = on_disk(bytes.size());
    ObjectName name{key, bytes.size(), cost_ms};
    Status status = reserve(needed_bytes);
    bool reserved = status.has_value();
    if (status)
        status = make_directories(folder_ + "/" + folder_name(key));
    if (status)
        status = write_file_atomically(path_of(name), bytes);
    std::lock_guard lock(mutex_);
    writing_.erase(key);
    if (status)
        index_.add(name);
    else if (reserved)
        used_bytes_ -= needed_bytes;
    return status;
}

Result<OpenObject> FolderStore::open(const std::string &key)
{
    auto name = look_up(key);
    if (!name)
        return fail(ErrorCode::not_found, "there is no such object");
    std::string path = path_of(*name);
    OpenObject object{Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)),
                      name->size_bytes};
    int number = errno;
    if (!object.fd && number != ENOENT)
        return fail(ErrorCode::unavailable, "an object cannot be opened", path);
    struct stat facts = {};
    if (!object.fd || ::fstat(object.fd.get(), &facts) != 0 || !S_ISREG(facts.st_mode) ||
        static_cast<std::uint64_t>(facts.st_size) != name->size_bytes) {
        log::warn("objects.damaged", {{"path", path}});
        forget(*name);
        return fail(ErrorCode::not_found, "there is no such object");
    }
    // The order of use survives a restart in the files' times. Where they cannot be set, it does not.
    (void)::futimens(object.fd.get(), nullptr);
    std::lock_guard lock(mutex_);
    index_.touch(key);
    return object;
}

void FolderStore::remove(const std::string &key)
{
    if (auto name = look_up(key))
        forget(*name);
}

std::uint64_t FolderStore::size_bytes(const std::string &key) const
{
    std::lock_guard lock(mutex_);
    const ObjectName *name = index_.find(key);
    return name ? name->size_bytes : 0;
}

std::uint64_t FolderStore::used_bytes() const
{
    std::lock_guard lock(mutex_);
    return used_bytes_;
}

std::string FolderStore::path_of(const ObjectName &name) const
{
    return folder_ + "/" + folder_name(name.key) + "/" + file_name(name);
}

// From the index, or while that is not complete, from the folder itself.
std::optional<ObjectName> FolderStore::look_up(const std::string &key) const
{
    if (!is_key(key))
        return std::nullopt;
    {
        std::lock_guard lock(mutex_);
        if (const ObjectName *name = index_.find(key))
            return *name;
        if (scanned_)
            return std::nullopt;
    }
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder_ + "/" + folder_name(key), error), end;
         !error && entry != end; entry.increment(error))
        if (auto name = parse_file_name(entry->path().filename().string()); name && name->key == key)
            return name;
    return std::nullopt;
}

// Counts `bytes` as used, after giving up old objects until they fit.
Status FolderStore::reserve(std::uint64_t bytes)
{
    if (bytes > quota_bytes_)
        return fail(ErrorCode::too_large, "this is more than the store may hold");
    std::lock_guard removal(removal_mutex_);
    for (;;) {
        std::optional<ObjectName> victim;
        {
            std::lock_guard lock(mutex_);
            if (used_bytes_ <= quota_bytes_ - bytes) {
                used_bytes_ += bytes;
                return {};
            }
            victim = index_.evict();
        }
        // What remains is being written by others, and nothing of it is old.
        if (!victim)
            return fail(ErrorCode::unavailable, "the store is full just now");
        delete_file(*victim);
    }
}

// Gives up a file that turned out to be bad, unless a good one has taken its place.
void FolderStore::forget(const ObjectName &name)
{
    std::lock_guard removal(removal_mutex_);
    {
        std::lock_guard lock(mutex_);
        const ObjectName *now = index_.find(name.key);
        if (now ? file_name(*now) != file_name(name) : scanned_)
            return;
        // What scan() has not counted yet is not counted off either.
        if (now)
            index_.remove(name.key);
        else
            used_bytes_ += on_disk(name.size_bytes);
    }
    delete_file(name);
}

void FolderStore::delete_file(const ObjectName &name)
{
    std::string path = path_of(name);
    // One that cannot be removed goes on counting, for it goes on taking room.
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        log::error("objects.cannot_remove", {{"path", path}});
        return;
    }
    std::lock_guard lock(mutex_);
    used_bytes_ -= on_disk(name.size_bytes);
}

} // namespace butaca::objects
