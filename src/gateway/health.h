// SPDX-License-Identifier: LGPL-2.1-or-later
// GET /healthz, /readyz and /metrics, for those who run Butaca.
#pragma once

#include <memory>

#include "src/gateway/services.h"
#include "src/http/message.h"

namespace butaca::gateway {

// 200 as long as the loop turns.
Result<http::Response> alive();

// 200 when playing works: the database answers and workers are there; else 503. The body lists every
// dependency, origins with their breakers included; an origin that is down alone does not make AppS unready,
// for what is cached goes on playing.
void report_readiness(Services &services, const std::shared_ptr<const http::Request> &request,
                      const http::Responder &responder);

// Prometheus text exposition format, version 0.0.4.
Result<http::Response> metrics(Services &services);

} // namespace butaca::gateway
