// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/pages.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "src/base/encoding.h"
#include "src/base/loop.h"
#include "src/http/range.h"

namespace butaca::gateway {

namespace {

// Only what the build makes is served, and each with its one type: nothing is guessed.
std::string_view type_of(std::string_view file)
{
    static constexpr std::pair<std::string_view, std::string_view> types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".json", "application/json"},
        {".png", "image/png"},
        {".webmanifest", "application/manifest+json"},
        {".woff2", "font/woff2"}};
    for (const auto &[suffix, type] : types)
        if (file.ends_with(suffix))
            return type;
    return {};
}

} // namespace

Result<http::Response> send_page(const Services &services, const http::Request &request,
                                 const std::string &file)
{
    std::string_view type = type_of(file);
    bool plain = file.find('/') == std::string::npos && !file.starts_with('.');
    Fd fd(plain && !type.empty() && !services.web_folder.empty()
              ? open((services.web_folder + "/" + file).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
              : -1);
    struct stat facts {};
    if (!fd || fstat(fd.get(), &facts) != 0 || !S_ISREG(facts.st_mode))
        return fail(ErrorCode::not_found, "there is no such page");
    // The build replaces files whole, so size and time tell one version from another.
    std::string tag = "\"" + std::to_string(facts.st_size) + "-" + std::to_string(facts.st_mtim.tv_sec) +
                      "-" + std::to_string(facts.st_mtim.tv_nsec) + "\"";
    auto response =
        http::serve_file(request, fd.release(), static_cast<std::uint64_t>(facts.st_size), tag, type);
    response.headers.set("Cache-Control", "no-cache");
    response.headers.set("Content-Security-Policy",
                         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                         "media-src 'self' blob: data:; "
                         "connect-src 'self'; worker-src 'self' blob:; font-src 'self'; manifest-src 'self'; "
                         "base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    return response;
}

Result<http::Response> send_asset(const Services &services, const http::Request &request)
{
    return send_page(services, request, request.params.find("file")->second);
}

http::Response describe_interface()
{
    http::Response response = http::Response::json(200, std::string(interface_description()));
    response.headers.set("Cache-Control", "no-cache");
    return response;
}

} // namespace butaca::gateway
