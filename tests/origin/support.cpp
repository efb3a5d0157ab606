// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/origin/support.h"

#include <cstdlib>
#include <fstream>

#include <fcntl.h>
#include <gst/gst.h>

#include "src/base/loop.h"

namespace butaca::origin::test {

TemporaryFolder::TemporaryFolder()
{
    std::string form = std::filesystem::temp_directory_path() / "butaca-test-XXXXXX";
    folder_ = std::filesystem::canonical(mkdtemp(form.data()));
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string TemporaryFolder::path(std::string_view name) const
{
    return name.empty() ? folder_.string() : (folder_ / name).string();
}

std::string media_file(const std::string &name)
{
    const char *folder = std::getenv("BUTACA_MEDIA");
    std::string path = folder ? std::string(folder) + "/" + name : std::string();
    std::error_code ignored;
    return std::filesystem::exists(path, ignored) ? path : std::string();
}

void write_file(const std::string &path, std::string_view bytes)
{
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

bool run_until(const std::function<bool()> &holds)
{
    bool too_late = false;
    Timer deadline;
    deadline.once(std::chrono::seconds(60), [&] { too_late = true; });
    while (!holds() && !too_late)
        g_main_context_iteration(nullptr, TRUE);
    return !too_late;
}

ProbeResult probe_file(const std::string &path)
{
    gst_init(nullptr, nullptr);
    Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return probe(fd.get(), ProbeSettings{});
}

} // namespace butaca::origin::test
