// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/http/compression.h"

namespace butaca::http {
namespace {

Response playlist(std::size_t size)
{
    return Response::text(200, "application/vnd.apple.mpegurl", std::string(size, 'x'));
}

Request from(const char *accept_encoding)
{
    Request request;
    if (accept_encoding)
        request.headers.set("Accept-Encoding", accept_encoding);
    return request;
}

std::string unpacked(const Response &response)
{
    auto converter = adopt(G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP)));
    std::string out(100'000, '\0');
    gsize size = 0;
    const void *bytes = g_bytes_get_data(response.bytes.get(), &size);
    gsize read = 0;
    gsize written = 0;
    g_converter_convert(converter.get(), bytes, size, out.data(), out.size(), G_CONVERTER_INPUT_AT_END, &read,
                        &written, nullptr);
    return out.substr(0, written);
}

} // namespace

TEST(Compression, IsForWhoAsksForIt)
{
    for (const char *wish : {"gzip", "deflate, gzip", "GZIP;q=0.5", "*", "br;q=1.0, gzip;q=0.8, *;q=0.1"})
        EXPECT_TRUE(accepts_gzip(wish)) << wish;
    for (const char *wish :
         {"", "identity", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzipped", "gzip;q=0, *"})
        EXPECT_FALSE(accepts_gzip(wish)) << wish;
}

TEST(Compression, OfAPlaylistUnpacksToTheSameText)
{
    Response response = playlist(50'000);
    compress(response, from("gzip, deflate"));
    EXPECT_EQ(response.headers.get("Content-Encoding"), "gzip");
    EXPECT_EQ(response.headers.get("Vary"), "Accept-Encoding");
    EXPECT_LT(g_bytes_get_size(response.bytes.get()), 1000U);
    EXPECT_EQ(unpacked(response), std::string(50'000, 'x'));
}

TEST(Compression, LeavesAloneWhatIsSmallOrLargeOrNotAskedFor)
{
    for (auto [size, wish] :
         {std::pair{100UL, "gzip"}, {2UL << 20, "gzip"}, {50'000UL, "br"}, {50'000UL, nullptr}}) {
        Response response = playlist(size);
        compress(response, from(wish));
        EXPECT_FALSE(response.headers.get("Content-Encoding")) << size;
        EXPECT_EQ(response.headers.get("Vary"), "Accept-Encoding") << size;
        EXPECT_EQ(g_bytes_get_size(response.bytes.get()), size);
    }
}

TEST(Compression, LeavesAloneMediaAndWhatAnETagNames)
{
    Response media = Response::text(200, "video/mp4", std::string(50'000, 'x'));
    compress(media, from("gzip"));
    EXPECT_FALSE(media.headers.get("Content-Encoding"));
    EXPECT_FALSE(media.headers.get("Vary"));
    Response named = playlist(50'000);
    named.headers.set("ETag", "\"a\"");
    compress(named, from("gzip"));
    EXPECT_FALSE(named.headers.get("Content-Encoding"));
}

} // namespace butaca::http
