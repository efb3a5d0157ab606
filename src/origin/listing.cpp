// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/listing.h"

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>

#include <dirent.h>
#include <unistd.h>

#include "src/origin/subtitles/read.h"

namespace butaca::origin {

namespace {

constexpr unsigned depth_most = 32;
constexpr std::size_t entries_most = 1'000'000;

std::string extension_of(std::string_view file_name)
{
    auto dot = file_name.rfind('.');
    if (dot == std::string_view::npos || dot == 0)
        return {};
    std::string extension(file_name.substr(dot + 1));
    for (char &letter : extension)
        letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return extension;
}

bool holds(const std::vector<std::string> &list, const std::string &text)
{
    return std::find(list.begin(), list.end(), text) != list.end();
}

bool is_below(const std::string &root, std::string_view path)
{
    return path == root || (path.starts_with(root) && (root.back() == '/' || path[root.size()] == '/'));
}

// Where a symbolic link leads, if that is below `root`.
bool link_stays_below(const std::string &root, const std::string &path)
{
    std::unique_ptr<char, decltype(&free)> real(realpath(path.c_str(), nullptr), free);
    return real && is_below(root, real.get());
}

class Walk {
public:
    Walk(const std::string &root, const Policy &policy) : root_(root), policy_(policy) {}

    void visit(const std::string &path, unsigned depth);
    Listing take() { return std::move(listing_); }

private:
    void visit_folder(const std::string &path, unsigned depth);
    static Entry entry_of(const std::string &path, const struct stat &status);

    const std::string &root_;
    const Policy &policy_;
    Listing listing_;
};

// The change of its inode counts too: whoever sets back a file's time has just touched it.
std::chrono::nanoseconds quiet_since(const struct stat &status)
{
    auto time_of = [](const timespec &time) {
        return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    };
    auto touched = std::max(time_of(status.st_mtim), time_of(status.st_ctim));
    return std::max(std::chrono::nanoseconds(0),
                    std::chrono::system_clock::now().time_since_epoch() - touched);
}

Entry Walk::entry_of(const std::string &path, const struct stat &status)
{
    Entry entry{path, stamp_of(status), S_ISREG(status.st_mode), {}, quiet_since(status)};
    if (S_ISDIR(status.st_mode))
        entry.trouble = "this is a folder, not a file";
    else if (!entry.regular)
        entry.trouble = "this is no regular file";
    else if (access(path.c_str(), R_OK) != 0)
        entry.trouble = "the file may not be read";
    return entry;
}

void Walk::visit(const std::string &path, unsigned depth)
{
    struct stat status {};
    bool top = path == root_;
    if (listing_.entries.size() >= entries_most || (!top && is_ignored(file_name_of(path))) ||
        lstat(path.c_str(), &status) != 0)
        return;
    bool link = S_ISLNK(status.st_mode);
    if (link && (!link_stays_below(root_, path) || stat(path.c_str(), &status) != 0))
        return;
    if (!top && policy_.takes(file_name_of(path)))
        listing_.entries.push_back(entry_of(path, status));
    else if (policy_.kind == media::Kind::video && S_ISREG(status.st_mode) &&
             holds(subtitle_suffixes(), extension_of(file_name_of(path))) &&
             listing_.subtitles.size() < entries_most)
        listing_.subtitles.push_back(entry_of(path, status));
    // A linked folder lies below the root anyway and is visited there; going in twice could go round for
    // ever.
    if (S_ISDIR(status.st_mode) && !link && depth < depth_most)
        visit_folder(path, depth);
}

void Walk::visit_folder(const std::string &path, unsigned depth)
{
    listing_.folders.push_back(path);
    struct Close {
        void operator()(DIR *open) const { closedir(open); }
    };
    std::unique_ptr<DIR, Close> folder(opendir(path.c_str()));
    if (!folder)
        return;
    std::vector<std::string> names;
    while (const dirent *child = readdir(folder.get())) {
        std::string_view name = child->d_name;
        if (name != "." && name != "..")
            names.emplace_back(name);
    }
    folder.reset();
    // In a settled order, so that slugs come out the same each time.
    std::sort(names.begin(), names.end());
    for (const std::string &name : names)
        visit(path + "/" + name, depth + 1);
}

} // namespace

Stamp stamp_of(const struct stat &status)
{
    return {static_cast<std::uint64_t>(status.st_size),
            static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec,
            static_cast<std::uint64_t>(status.st_ino), static_cast<std::uint64_t>(status.st_dev)};
}

bool Policy::takes(std::string_view file_name) const
{
    std::string extension = extension_of(file_name);
    return !extension.empty() && (holds(extensions, extension) || holds(shared_extensions, extension));
}

bool Policy::is_shared(std::string_view file_name) const
{
    return holds(shared_extensions, extension_of(file_name));
}

std::string_view file_name_of(std::string_view path)
{
    auto slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view slug_of(std::string_view path)
{
    std::string_view name = file_name_of(path);
    auto dot = name.rfind('.');
    return dot == std::string_view::npos || dot == 0 ? name : name.substr(0, dot);
}

bool is_ignored(std::string_view file_name)
{
    if (file_name.empty() || file_name.front() == '.' || file_name.back() == '~')
        return true;
    std::string extension = extension_of(file_name);
    return extension == "part" || extension == "crdownload" || extension == "tmp";
}

Listing list_tree(const std::string &root, const std::string &path, const Policy &policy)
{
    if (!is_below(root, path))
        return {};
    Walk walk(root, policy);
    walk.visit(path, static_cast<unsigned>(std::count(path.begin() + static_cast<std::ptrdiff_t>(root.size()),
                                                      path.end(), '/')));
    return walk.take();
}

} // namespace butaca::origin
