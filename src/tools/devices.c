/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli devices: the sound cards as PortAudio sees them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "port/device.h"
#include "tools/commands.h"
#include "tools/options.h"

int ear_devices_main(int argc, char **argv)
{
    struct ear_options options;
    int err = ear_options_parse(&options, 0, argc, argv, "earshot-cli devices");
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    struct ear_device_info *devices;
    size_t count;
    if (ear_device_list(&devices, &count) < 0) {
        ear_complain("The sound cards could not be listed.");
        return EAR_EXIT_FAILED;
    }
    for (size_t i = 0; i < count; i++)
        printf("%-48s %s, %d in%s, %d out%s, %.0f Hz\n", devices[i].name, devices[i].host,
               devices[i].inputs, devices[i].usual_input ? " (usual)" : "", devices[i].outputs,
               devices[i].usual_output ? " (usual)" : "", devices[i].rate_hz);
    free(devices);
    if (count > 0)
        return EAR_EXIT_NORMAL;
    ear_complain("There is no sound card. Plug in a headset, or use --mic FILE.wav and --speaker "
                 "FILE.wav.");
    return EAR_EXIT_FAILED;
}
