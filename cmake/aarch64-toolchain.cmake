# Builds for AArch64 Linux on another machine, with Debian's cross compiler; programs run under
# qemu's user mode. No foreign architecture need be added to dpkg.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR "${CMAKE_CURRENT_LIST_DIR}/aarch64-emulator.sh")

set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# RapidJSON is headers only and the same everywhere, but /usr/include as a whole is the host's: a
# folder with a link to the one thing that is wanted from there.
get_property(xray_is_trial GLOBAL PROPERTY IN_TRY_COMPILE)
if(NOT xray_is_trial AND NOT XRAY_RAPIDJSON_INCLUDE_DIR)
  set(xray_headers_of_host "${CMAKE_BINARY_DIR}/headers_of_host")
  file(MAKE_DIRECTORY "${xray_headers_of_host}")
  file(CREATE_LINK /usr/include/rapidjson "${xray_headers_of_host}/rapidjson" SYMBOLIC)
  set(XRAY_RAPIDJSON_INCLUDE_DIR "${xray_headers_of_host}" CACHE PATH "Where RapidJSON's headers are")
endif()
