// SPDX-License-Identifier: LGPL-2.1-or-later
// Plain POSIX calls: GLib's own g_file_set_contents_full() syncs the file, but never its directory.
#include "src/base/files.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/loop.h"

namespace butaca {

namespace {

tl::unexpected<Error> failure(int number, std::string message, const std::string &path)
{
    ErrorCode code = ErrorCode::internal;
    if (number == ENOENT || number == ENOTDIR)
        code = ErrorCode::not_found;
    else if (number == EEXIST)
        code = ErrorCode::conflict;
    else if (number == ENOSPC || number == EDQUOT || number == EMFILE || number == ENFILE)
        code = ErrorCode::unavailable;
    return fail(code, std::move(message), path + ": " + g_strerror(number));
}

Status write_all(int fd, std::string_view bytes, const std::string &path)
{
    while (!bytes.empty()) {
        ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return failure(errno, "a file cannot be written", path);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

std::string directory_of(const std::string &path)
{
    std::size_t slash = path.rfind('/');
    if (slash == std::string::npos)
        return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

Status fill(int fd, std::string_view bytes, mode_t mode, const std::string &path)
{
    if (auto written = write_all(fd, bytes, path); !written)
        return written;
    if (::fchmod(fd, mode) != 0 || ::fsync(fd) != 0)
        return failure(errno, "a file cannot be written", path);
    return {};
}

Status move_into_place(const std::string &aside, const std::string &path, Existing existing)
{
    // link() is the move that refuses to overwrite; renameat2(RENAME_NOREPLACE) is missing on some
    // filesystems.
    int moved = existing == Existing::keep ? ::link(aside.c_str(), path.c_str())
                                           : ::rename(aside.c_str(), path.c_str());
    if (moved != 0)
        return failure(errno, "a file cannot be put in its place", path);
    if (existing == Existing::keep)
        ::unlink(aside.c_str());
    return {};
}

Status sync_directory(const std::string &directory)
{
    Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd)
        return failure(errno, "a directory cannot be opened", directory);
    // Filesystems that cannot sync a directory say EINVAL; there is no more to be done there.
    if (::fsync(fd.get()) != 0 && errno != EINVAL)
        return failure(errno, "a directory cannot be synced", directory);
    return {};
}

} // namespace

Result<std::string> read_file(const std::string &path, std::size_t limit_bytes)
{
    // O_NONBLOCK: opening a FIFO would otherwise wait for its writer.
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat facts = {};
    if (!fd || ::fstat(fd.get(), &facts) != 0)
        return failure(errno, "a file cannot be opened", path);
    if (!S_ISREG(facts.st_mode))
        return fail(ErrorCode::invalid_argument, "that is no regular file", path);
    std::string bytes;
    std::array<char, 16384> piece{};
    // Reads to the end instead of trusting st_size, which is 0 in /proc and may change meanwhile.
    for (;;) {
        ssize_t length = ::read(fd.get(), piece.data(), piece.size());
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            return failure(errno, "a file cannot be read", path);
        if (length == 0)
            return bytes;
        if (static_cast<std::size_t>(length) > limit_bytes - bytes.size())
            return fail(ErrorCode::too_large, "a file is larger than allowed",
                        path + ": more than " + std::to_string(limit_bytes) + " bytes");
        bytes.append(piece.data(), static_cast<std::size_t>(length));
    }
}

Status write_file_atomically(const std::string &path, std::string_view bytes, mode_t mode, Existing existing)
{
    std::string aside = path + ".XXXXXX";
    Fd fd(::mkostemp(aside.data(), O_CLOEXEC));
    if (!fd)
        return failure(errno, "a file cannot be made", path);
    Status status = fill(fd.get(), bytes, mode, path);
    if (status)
        status = move_into_place(aside, path, existing);
    if (!status) {
        ::unlink(aside.c_str());
        return status;
    }
    return sync_directory(directory_of(path));
}

Status make_directories(const std::string &path)
{
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error)
        return failure(error.value(), "a directory cannot be made", path);
    return {};
}

} // namespace butaca
