// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/client/check_faults.h"

namespace butaca::test {

namespace {

using client::check::Rule;
using http::Request;
using http::Response;

// Answers with what the page holds, but where `differs` gives another answer.
void answer(Site &site, const std::string &page,
            std::function<std::optional<Response>(const Request &, const Page &)> differs)
{
    const Page plain = site.pages.at(page);
    site.pages.at(page).instead = [=](const Request &request) {
        auto other = differs(request, plain);
        return other ? std::move(*other) : Response::text(200, plain.type, plain.body);
    };
}

void redirect(Site &site)
{
    site.pages["moved.vtt"] = site.pages["s-1.vtt"];
    answer(site, "s-1.vtt", [](const Request &, const Page &) {
        Response response = Response::empty(302);
        response.headers.set("Location", "moved.vtt");
        return response;
    });
}

void refuse_head(Site &site)
{
    answer(site, "s-0.vtt", [](const Request &request, const Page &) {
        return request.method == "HEAD" ? std::optional(Response::empty(404)) : std::nullopt;
    });
}

void other_bytes(Site &site)
{
    answer(site, "s-0.vtt", [](const Request &request, const Page &page) -> std::optional<Response> {
        if (!request.headers.get("Range"))
            return std::nullopt;
        Response response = Response::text(206, page.type, page.body.substr(0, 100));
        response.headers.set("Content-Range", "bytes 0-99/" + std::to_string(page.body.size()));
        return response;
    });
}

// The connection is cut in the middle of the body.
void cut_off(Site &site)
{
    answer(site, "s-1.vtt", [](const Request &, const Page &page) {
        Response response;
        response.headers.set("Content-Type", page.type);
        response.stream = [text = page.body](const std::shared_ptr<http::BodyStream> &stream) {
            stream->write(adopt(g_bytes_new(text.data(), 10)));
            stream->abort();
        };
        return response;
    });
}

void as_plain_text(Site &site)
{
    site.pages["a.txt"] = site.pages["a.m3u8"];
    site.pages["a.txt"].type = "text/plain";
    site.edit("master.m3u8", "URI=\"a.m3u8\"", "URI=\"a.txt\"");
}

} // namespace

std::vector<Fault> delivery_faults()
{
    return {
        {Rule::delivery_missing, Base::mp4, [](Site &site) { site.pages.erase("s-1.vtt"); }, {"not-all"}},
        {Rule::delivery_missing, Base::mp4, [](Site &site) { site.pages.erase("a.m3u8"); }, {}},
        {Rule::delivery_missing, Base::mp4, cut_off, {"not-all"}},
        {Rule::delivery_redirect, Base::mp4, redirect, {}},
        {Rule::delivery_gzip, Base::mp4, [](Site &site) { site.gzip = false; }, {}},
        {Rule::delivery_playlist_type, Base::mp4, as_plain_text, {}},
        {Rule::delivery_media_type,
         Base::mp4,
         [](Site &site) { site.pages["v-1.m4s"].type = "application/octet-stream"; },
         {}},
        {Rule::delivery_head, Base::mp4, refuse_head, {}},
        {Rule::delivery_range, Base::mp4, other_bytes, {}},
        {Rule::delivery_range, Base::mp4, [](Site &site) { site.ranges = false; }, {}},
        {Rule::delivery_tls, Base::pictures, [](Site &site) { site.host = "0.0.0.0"; }, {}},
        {Rule::delivery_local, Base::pictures, [](Site &) {}, {}},
        {Rule::not_readable,
         Base::pictures,
         [](Site &site) { site.edit("v.m3u8", "#EXTINF", "#EXT-X-KEY:METHOD=AES-128,URI=\"key\"\n#EXTINF"); },
         {}},
        {Rule::not_all, Base::pictures, [](Site &site) { site.settings.segments_most = 2; }, {}},
    };
}

Site site_of(Base base)
{
    Site site = base == Base::ts ? ts_site() : mp4_site();
    if (base == Base::pictures)
        site.first = "v.m3u8";
    return site;
}

} // namespace butaca::test
