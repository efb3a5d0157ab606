// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/library.h"

namespace butaca::origin {

Library::Library(std::map<std::string, KnownFile> files)
{
    for (const auto &[path, file] : files)
        attach(path, file.stamp, file.digest);
}

const KnownFile *Library::find(const std::string &path) const
{
    auto file = files_.find(path);
    return file == files_.end() ? nullptr : &file->second;
}

std::optional<std::string> Library::digest_of_same(const Stamp &stamp) const
{
    auto path = by_inode_.find({stamp.device, stamp.inode});
    const KnownFile *file = path == by_inode_.end() ? nullptr : find(path->second);
    if (!file || file->stamp != stamp || file->digest.empty())
        return std::nullopt;
    return file->digest;
}

void Library::attach(const std::string &path, const Stamp &stamp, const std::string &digest)
{
    detach(path);
    files_[path] = {stamp, digest};
    by_inode_[{stamp.device, stamp.inode}] = path;
    if (!digest.empty())
        paths_[digest].insert(path);
}

bool Library::detach(const std::string &path)
{
    auto file = files_.find(path);
    if (file == files_.end())
        return false;
    auto inode = by_inode_.find({file->second.stamp.device, file->second.stamp.inode});
    if (inode != by_inode_.end() && inode->second == path)
        by_inode_.erase(inode);
    auto paths = paths_.find(file->second.digest);
    files_.erase(file);
    if (paths == paths_.end())
        return false;
    paths->second.erase(path);
    if (!paths->second.empty())
        return false;
    paths_.erase(paths);
    return true;
}

std::set<std::string> Library::paths_of(const std::string &digest) const
{
    auto paths = paths_.find(digest);
    return paths == paths_.end() ? std::set<std::string>{} : paths->second;
}

} // namespace butaca::origin
