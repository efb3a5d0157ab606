// SPDX-License-Identifier: LGPL-2.1-or-later
// What gst-rtsp-server does with a film by itself, for measurements: a pipeline of its own for each client,
// at /copy as the film comes and at /transcode encoded in the size asked for. Prints its port on the first
// line of standard output.
#include <cstdio>
#include <string>

#include <gst/rtsp-server/rtsp-server.h>

#include "src/base/gobject.h"

using namespace butaca;

namespace {

std::string encode_as(const std::string &width, const std::string &height, const std::string &tune)
{
    return "avdec_h264 ! videoscale add-borders=false ! video/x-raw,width=" + width + ",height=" + height +
           " ! x264enc speed-preset=veryfast pass=qual quantizer=23 key-int-max=48 " + tune +
           " ! h264parse ! ";
}

void offer(GstRTSPServer *server, const char *path, const std::string &film, const std::string &between)
{
    const std::string launch = "( filesrc location=\"" + film +
                               "\" ! qtdemux name=film "
                               "film.video_0 ! queue ! h264parse ! " +
                               between +
                               "rtph264pay name=pay0 pt=96 config-interval=-1 "
                               "film.audio_0 ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97 )";
    auto *factory = gst_rtsp_media_factory_new();
    gst_rtsp_media_factory_set_launch(factory, launch.c_str());
    auto mounts = adopt(gst_rtsp_server_get_mount_points(server));
    gst_rtsp_mount_points_add_factory(mounts.get(), path, factory);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 4) {
        std::fputs("usage: plain-rtsp FILM WIDTH HEIGHT\n", stderr);
        return 2;
    }
    gst_init(nullptr, nullptr);
    auto server = adopt(gst_rtsp_server_new());
    gst_rtsp_server_set_address(server.get(), "127.0.0.1");
    gst_rtsp_server_set_service(server.get(), "0");
    offer(server.get(), "/copy", argv[1], "");
    offer(server.get(), "/transcode", argv[1], encode_as(argv[2], argv[3], ""));
    offer(server.get(), "/hasty", argv[1], encode_as(argv[2], argv[3], "tune=zerolatency"));
    if (!gst_rtsp_server_attach(server.get(), nullptr))
        return 1;
    std::printf("%d\n", gst_rtsp_server_get_bound_port(server.get()));
    std::fflush(stdout);
    const auto loop = adopt(g_main_loop_new(nullptr, FALSE));
    g_main_loop_run(loop.get());
    return 0;
}
