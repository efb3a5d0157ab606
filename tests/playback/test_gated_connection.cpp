// SPDX-License-Identifier: LGPL-2.1-or-later
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "src/base/gobject.h"
#include "src/playback/rtsp/gated_connection.h"

namespace butaca::playback::rtsp {
namespace {

constexpr std::string_view request = "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n";

// A server's end of a TCP connection, as GLib's factory makes it, and the client's socket.
class GatedConnection : public testing::Test {
protected:
    void SetUp() override
    {
        register_gated_connection();
        take_what_is_free();
        auto listener = tcp();
        auto any = adopt(g_inet_socket_address_new_from_string("127.0.0.1", 0));
        ASSERT_TRUE(g_socket_bind(listener.get(), any.get(), TRUE, nullptr));
        ASSERT_TRUE(g_socket_listen(listener.get(), nullptr));
        auto address = adopt(g_socket_get_local_address(listener.get(), nullptr));
        client_ = tcp();
        ASSERT_TRUE(g_socket_connect(client_.get(), address.get(), nullptr, nullptr));
        socket_ = adopt(g_socket_accept(listener.get(), nullptr, nullptr));
        ASSERT_TRUE(socket_);
        g_socket_set_blocking(socket_.get(), FALSE);
    }

    static Owned<GSocket> tcp()
    {
        return adopt(
            g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, nullptr));
    }

    // Whoever kept a pointer to memory that is free finds nothing there any more.
    void take_what_is_free()
    {
        for (std::size_t i = 0; i < blocks_.size(); i++)
            blocks_[i] = std::make_unique<std::string>(16 + i % 64, char{});
    }

    void connect()
    {
        connection_ = adopt(g_socket_connection_factory_create_connection(socket_.get()));
        ASSERT_TRUE(connection_);
    }

    void send(std::string_view bytes)
    {
        ASSERT_EQ(g_socket_send(client_.get(), bytes.data(), bytes.size(), nullptr, nullptr),
                  static_cast<gssize>(bytes.size()));
        ASSERT_TRUE(g_socket_condition_timed_wait(socket_.get(), G_IO_IN, G_USEC_PER_SEC, nullptr, nullptr));
    }

    std::string received()
    {
        std::array<char, 1024> buffer{};
        auto *input = G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(G_IO_STREAM(connection_.get())));
        const gssize got =
            g_pollable_input_stream_read_nonblocking(input, buffer.data(), buffer.size(), nullptr, nullptr);
        return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : std::string();
    }

    std::array<std::unique_ptr<std::string>, 4096> blocks_;
    Owned<GSocket> client_;
    Owned<GSocket> socket_;
    Owned<GSocketConnection> connection_;
};

TEST_F(GatedConnection, HandsOnOnlyWholeRequestsOfAMarkedSocket)
{
    gate(socket_.get());
    connect();
    send(request.substr(0, 20));
    EXPECT_EQ(received(), "");
    send(request.substr(20));
    EXPECT_EQ(received(), request);
}

TEST_F(GatedConnection, IsLikeAnyOtherForASocketThatIsNotMarked)
{
    connect();
    send(request.substr(0, 20));
    EXPECT_EQ(received(), request.substr(0, 20));
}

TEST_F(GatedConnection, CanBeAskedForAgain)
{
    register_gated_connection();
    gate(socket_.get());
    connect();
    send(request);
    EXPECT_EQ(received(), request);
}

TEST_F(GatedConnection, EndsWithItsSocketAndItsGate)
{
    gate(socket_.get());
    connect();
    auto *input = G_OBJECT(g_io_stream_get_input_stream(G_IO_STREAM(connection_.get())));
    bool gone = false;
    g_object_weak_ref(
        input, [](gpointer told, GObject *) { *static_cast<bool *>(told) = true; }, &gone);
    connection_.reset();
    EXPECT_TRUE(gone);
}

} // namespace
} // namespace butaca::playback::rtsp
