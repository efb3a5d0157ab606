// SPDX-License-Identifier: LGPL-2.1-or-later
// What VS and AS answer over HTTP. Belongs to the main loop.
//   GET /healthz                       open
//   GET /catalogue                     all assets; ETag is the revision
//   GET /changes?since=&wait_ms=       what changed since a revision; waits up to 30 s for something to
//   GET /items/{digest}                one asset
//   GET /items/{digest}/index          its packet index
//   GET /items/{digest}/subtitles/{n}  the cues of one of its subtitle tracks
//   GET /items/{digest}/cover          the picture that came with it
//   GET /items/{digest}/bytes          the original, with ranges
// All but the first need `Authorization: Bearer` with a ticket that AppS signed for the purpose "origin": for
// one digest, or for "*".
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "src/base/executor.h"
#include "src/base/loop.h"
#include "src/base/signed.h"
#include "src/http/router.h"
#include "src/origin/catalogue.h"
#include "src/origin/measuring.h"
#include "src/origin/scan.h"
#include "src/origin/store.h"

namespace butaca::origin {

// The purpose that tickets are signed for.
inline constexpr std::string_view ticket_purpose = "origin";

// Does the request carry a ticket for `digest` (empty: for everything)? `unauthenticated` without a valid
// one, `forbidden` with one for something else.
Status check_ticket(const SigningKey &key, const http::Request &request, std::string_view digest,
                    std::int64_t now_s);

class Routes {
public:
    // All outlive this.
    Routes(const SigningKey &key, Catalogue &catalogue, Scanner &scanner, const Store &store,
           ProbeJob::Settings probe);
    ~Routes();
    Routes(const Routes &) = delete;
    Routes &operator=(const Routes &) = delete;

    std::vector<http::Route> table();

private:
    struct Waiter;

    Result<http::Response> health(const http::Request &request) const;
    Result<http::Response> catalogue(const http::Request &request) const;
    void changes(const http::Request &request, const http::Responder &responder);
    Result<http::Response> item(const http::Request &request) const;
    void index(const std::shared_ptr<const http::Request> &request, const http::Responder &responder);
    void subtitles(const std::shared_ptr<const http::Request> &request, const http::Responder &responder);
    void loudness(const std::shared_ptr<const http::Request> &request, const http::Responder &responder);
    void cover(const std::shared_ptr<const http::Request> &request, const http::Responder &responder);
    void send_kept(const std::shared_ptr<const http::Request> &request, const http::Responder &responder,
                   std::function<Result<std::string>()> load, const std::string &tag);
    void bytes(const std::shared_ptr<const http::Request> &request, const http::Responder &responder);

    std::map<std::string, Stamp> files_of(const std::string &digest) const;
    Result<const media::Asset *> find(const http::Request &request) const;
    http::Response answer(const Catalogue::Changes &changes) const;
    void wake();

    const SigningKey &key_;
    Catalogue &catalogue_;
    Scanner &scanner_;
    const Store &store_;
    std::list<std::unique_ptr<Waiter>> waiters_;
    Executor disk_{2, 4096};
    Measuring measuring_;
};

} // namespace butaca::origin
