// SPDX-License-Identifier: LGPL-2.1-or-later
// Serves one file for measurements, the way cached segments are served: `/bytes` from memory, `/file` from
// its descriptor. Prints its port on the first line of standard output.
#include <cstdio>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>

#include "src/base/log.h"
#include "src/http/range.h"
#include "src/http/server.h"

using namespace butaca;

int main(int argc, char **argv)
{
    Owned<GError> error;
    gsize size_bytes = 0;
    gchar *contents = nullptr;
    if (argc != 2 || !g_file_get_contents(argv[1], &contents, &size_bytes, Out(error)))
        return 2;
    log::init("serve-cached", log::Level::warn);
    const auto bytes = http::share_bytes(adopt(g_bytes_new_take(contents, size_bytes)));
    const std::string path = argv[1];
    const http::Handler from_memory = [&](const http::Request &request) -> Result<http::Response> {
        return http::serve_bytes(request, bytes, "\"1\"", "video/mp4");
    };
    const http::Handler from_file = [&](const http::Request &request) -> Result<http::Response> {
        return http::serve_file(request, open(path.c_str(), O_RDONLY | O_CLOEXEC), size_bytes, "\"1\"",
                                "video/mp4");
    };
    auto server = http::Server::start({}, {{"GET", "/bytes", from_memory}, {"GET", "/file", from_file}});
    if (!server)
        return 1;
    std::printf("%u\n", (*server)->port());
    std::fflush(stdout);
    const auto loop = adopt(g_main_loop_new(nullptr, FALSE));
    g_main_loop_run(loop.get());
    return 0;
}
