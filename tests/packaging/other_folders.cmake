# Configures SOURCE in FOLDER, as shared libraries for a distribution whose libraries are in LIBDIR,
# and looks whether what would be installed finds the rest of it.
file(REMOVE_RECURSE "${FOLDER}")
execute_process(
  COMMAND ${CMAKE_COMMAND} -S "${SOURCE}" -B "${FOLDER}/build" -G "${GENERATOR}"
    -DCMAKE_CXX_COMPILER=${COMPILER} -DBUILD_SHARED_LIBS=ON -DCMAKE_INSTALL_LIBDIR=${LIBDIR}
    -DXRAY_BUILD_DAEMON=OFF -DXRAY_BUILD_EXAMPLES=OFF -DXRAY_BUILD_TESTS=OFF -DXRAY_BUILD_BENCH=OFF
  COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)

# pkg-config's files
set(prefix "${FOLDER}/prefix")
file(COPY "${FOLDER}/build/sdk/xray.pc" "${FOLDER}/build/instrumentation/xray-instrumentation.pc"
  DESTINATION "${prefix}/${LIBDIR}/pkgconfig")
set(ENV{PKG_CONFIG_PATH} "${prefix}/${LIBDIR}/pkgconfig")
set(variables prefix libdir includedir)
set(folders "${prefix}" "${prefix}/${LIBDIR}" "${prefix}/include")
foreach(package IN ITEMS xray xray-instrumentation)
  foreach(variable folder IN ZIP_LISTS variables folders)
    execute_process(COMMAND pkg-config --variable=${variable} ${package}
      OUTPUT_VARIABLE said OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    file(REAL_PATH "${said}" said)
    if(NOT said STREQUAL folder)
      message(SEND_ERROR "${package}: ${variable} is ${said}")
    endif()
  endforeach()
endforeach()

# The instrumentation needs the SDK, and programs may link the former only.
file(READ "${FOLDER}/build/instrumentation/cmake_install.cmake" rules)
string(FIND "${rules}" [[NEW_RPATH "\$ORIGIN"]] found)
if(found EQUAL -1)
  message(SEND_ERROR "libxray_instrumentation.so does not look for libxray.so beside it")
endif()
