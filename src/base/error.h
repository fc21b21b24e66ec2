// mote::Error, which users catch too: it is defined among the public headers.
#pragma once

#include <mote/error.h>
