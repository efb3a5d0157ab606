// SPDX-License-Identifier: LGPL-2.1-or-later
// Gets what origins made of assets, each once however many ask: from the shelf, else over HTTP. Belongs to
// the main loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/loop.h"
#include "src/http/client.h"
#include "src/playback/shelf.h"

namespace butaca::playback {

template <typename Value> class Artefacts {
public:
    using Pointer = typename Shelf<Value>::Pointer;
    using Got = std::function<void(Result<Pointer>)>;
    // How to ask an origin for it just now; nothing when none that has it answers.
    using Ask = std::function<std::optional<http::Call>()>;

    // `client` must outlive it.
    Artefacts(http::Client &client, std::string folder, std::string suffix)
        : client_(client), shelf_(std::move(folder), std::move(suffix))
    {
    }

    // Calls back on the loop, at once when it is in memory.
    void get(const std::string &key, Ask ask, Got done)
    {
        if (auto value = shelf_.in_memory(key))
            return done(value);
        Fetch &fetch = fetches_[key];
        fetch.waiting.push_back(std::move(done));
        if (fetch.waiting.size() > 1)
            return;
        // A damaged file is as good as none: it is fetched again.
        shelf_.load(key, [this, key, ask = std::move(ask)](Result<Pointer> value) {
            value ? finish(key, value) : fetch_from_origin(key, ask);
        });
    }

    // The file that holds it, once get() has given it.
    std::string path_of(const std::string &key) const { return shelf_.path_of(key); }

private:
    struct Fetch {
        std::vector<Got> waiting;
        std::unique_ptr<http::Client::Pending> pending;
    };

    static Error silent(std::string detail)
    {
        return {ErrorCode::unavailable, "the server that holds this title does not answer just now",
                std::move(detail), 0};
    }

    void fetch_from_origin(const std::string &key, const Ask &ask)
    {
        auto call = ask();
        if (!call)
            return finish(key, fail(silent({})));
        fetches_[key].pending = client_.send(std::move(*call), [this, key](Result<http::Reply> reply) {
            if (!reply)
                return finish(key, fail(reply.error()));
            if (reply->status != 200)
                return finish(key, fail(silent("status " + std::to_string(reply->status))));
            shelf_.keep(key, std::move(reply->body),
                        [this, key](Result<Pointer> value) { finish(key, value); });
        });
    }

    void finish(const std::string &key, const Result<Pointer> &value)
    {
        auto node = fetches_.extract(key);
        for (auto &done : node.mapped().waiting)
            done(value);
        // The pending call is still on the stack of its own callback: let it go from the loop.
        std::shared_ptr<http::Client::Pending> pending(std::move(node.mapped().pending));
        post([pending] {});
    }

    http::Client &client_;
    std::map<std::string, Fetch> fetches_;
    Shelf<Value> shelf_; // last, so that it is gone before what its completions touch
};

} // namespace butaca::playback
