// SPDX-License-Identifier: LGPL-2.1-or-later
// GET /api/v1/catalogue, /api/v1/catalogue/{id} and /api/v1/catalogue/{id}/picture.
#pragma once

#include <memory>

#include "src/gateway/services.h"
#include "src/http/message.h"

namespace butaca::gateway {

// 200 {items, next}; `q`, `kind`, `limit` and `cursor` narrow it. 400 names the parameter that is wrong.
void list_catalogue(Services &services, const std::shared_ptr<const http::Request> &request,
                    const http::Responder &responder);

// 200 Item, by id or slug; 404.
void show_item(Services &services, const std::shared_ptr<const http::Request> &request,
               const http::Responder &responder);

// The picture that came with a title, with a strong tag; 404 when there is none.
void send_picture(Services &services, const std::shared_ptr<const http::Request> &request,
                  const http::Responder &responder);

} // namespace butaca::gateway
