// SPDX-License-Identifier: LGPL-2.1-or-later
// A whole origin in this process: real folder, real server, real probe processes.
#pragma once

#include <cstdlib>
#include <filesystem>

#include <gst/gst.h>
#include <gtest/gtest.h>

#include "src/http/client.h"
#include "src/http/server.h"
#include "src/origin/routes.h"
#include "tests/origin/support.h"

namespace butaca::origin {

namespace fs = std::filesystem;

// Everything that main() makes, over folders that go away again.
struct Origin {
    explicit Origin(const std::string &folder, const std::string &data)
        : store(data), state(prepared()), catalogue(state.revision),
          scanner(settings(folder), store, catalogue, library()),
          routes(key, catalogue, scanner, store, settings(folder).probe)
    {
        auto started = http::Server::start({}, routes.table());
        EXPECT_TRUE(started);
        server = std::move(*started);
    }
    ~Origin() { scanner.save_state(); }

    State prepared()
    {
        EXPECT_TRUE(store.prepare());
        return store.load_state();
    }
    Library library()
    {
        for (const auto &[path, file] : state.files) {
            if (auto asset = store.load_asset(file.digest); asset && !catalogue.find(file.digest))
                catalogue.restore(*asset);
        }
        return Library(state.files);
    }
    static Scanner::Settings settings(const std::string &folder)
    {
        gst_init(nullptr, nullptr);
        Scanner::Settings settings;
        settings.folders = {folder};
        settings.policy.extensions = {"mp4", "mp3", "webm"};
        settings.settle = std::chrono::milliseconds(40);
        const char *root = std::getenv("BUTACA_BUILD_ROOT");
        settings.probe.program = std::string(root ? root : ".") + "/vs/butaca-vs";
        return settings;
    }

    std::string ticket(std::string_view payload) const
    {
        return key.sign(ticket_purpose, payload, unix_now_s() + 60);
    }
    http::Reply get(const std::string &path, std::string token, http::Headers headers = {})
    {
        http::Call call;
        call.url = "http://127.0.0.1:" + std::to_string(server->port()) + path;
        call.headers = std::move(headers);
        if (!token.empty())
            call.headers.set("Authorization", "Bearer " + token);
        std::optional<Result<http::Reply>> reply;
        auto pending = client.send(call, [&](Result<http::Reply> result) { reply = std::move(result); });
        EXPECT_TRUE(test::run_until([&] { return reply.has_value(); }));
        return reply && *reply ? std::move(**reply) : http::Reply{};
    }
    bool settle()
    {
        return test::run_until([&] { return scanner.idle(); });
    }

    SigningKey key = SigningKey::random();
    Store store;
    State state;
    Catalogue catalogue;
    Scanner scanner;
    Routes routes;
    std::unique_ptr<http::Server> server;
    http::Client client;
};

class OriginTest : public testing::Test {
protected:
    void SetUp() override
    {
        film_ = test::media_file("hevc-bframes-480p.mp4");
        if (film_.empty())
            GTEST_SKIP() << "no media";
    }
    void copy(const std::string &name) { fs::copy_file(film_, folder_.path(name)); }

    std::string film_;
    test::TemporaryFolder folder_;
    test::TemporaryFolder data_;
};

} // namespace butaca::origin
