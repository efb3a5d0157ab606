// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/digest.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/base/loop.h"

namespace butaca::origin {

namespace {

// One line each few seconds for a file that takes long.
class Progress {
public:
    explicit Progress(std::uint64_t size_bytes) : size_bytes_(size_bytes) {}

    void done(std::uint64_t bytes)
    {
        auto now = Clock::now();
        if (now - last_ < std::chrono::seconds(5))
            return;
        last_ = now;
        log::info("origin.digest.progress",
                  {{"percent", size_bytes_ ? bytes * 100 / size_bytes_ : 0}, {"size_bytes", size_bytes_}});
    }

private:
    using Clock = std::chrono::steady_clock;
    const std::uint64_t size_bytes_;
    Clock::time_point last_ = Clock::now();
};

} // namespace

Result<std::string> digest_file(int fd, const Stamp &expected, const std::atomic<bool> &stop)
{
    std::unique_ptr<GChecksum, decltype(&g_checksum_free)> checksum(g_checksum_new(G_CHECKSUM_SHA256),
                                                                    g_checksum_free);
    std::vector<unsigned char> buffer(1 << 20);
    Progress progress(expected.size_bytes);
    std::uint64_t total_bytes = 0;
    while (true) {
        if (stop)
            return fail(ErrorCode::cancelled, "stopped");
        ssize_t got = pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(total_bytes));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(ErrorCode::internal, "reading the file failed", std::strerror(errno));
        if (got == 0)
            break;
        g_checksum_update(checksum.get(), buffer.data(), got);
        total_bytes += static_cast<std::uint64_t>(got);
        progress.done(total_bytes);
    }
    struct stat status {};
    if (fstat(fd, &status) != 0 || stamp_of(status) != expected || total_bytes != expected.size_bytes)
        return fail(ErrorCode::conflict, "the file changed while it was read");
    return std::string(g_checksum_get_string(checksum.get()));
}

Result<int> open_unchanged(const std::string &path, const Stamp &expected)
{
    // Without O_NONBLOCK the opening of a FIFO would wait for a writer.
    Fd fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (!fd && (errno == ENOENT || errno == ENOTDIR))
        return fail(ErrorCode::not_found, "the file is gone");
    if (!fd)
        return fail(ErrorCode::forbidden, "the file may not be read", std::strerror(errno));
    struct stat status {};
    if (fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) || stamp_of(status) != expected)
        return fail(ErrorCode::conflict, "the file changed");
    return fd.release();
}

} // namespace butaca::origin
