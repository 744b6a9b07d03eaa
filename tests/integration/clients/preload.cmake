# Programs that nobody rebuilds, with libxray_preload.so. Sanitizers leave that library out.
if(NOT TARGET xray_preload)
  return()
endif()

# xray_preload_test(<name> [PROGRAM <target>]): test_preload_<name>.py, which finds the library in
# PRELOAD.
function(xray_preload_test name)
  xray_client_test(preload_${name} ${ARGN})
  set_property(TEST client_preload_${name} APPEND PROPERTY
    ENVIRONMENT "PRELOAD=$<TARGET_FILE:xray_preload>")
endfunction()

find_package(SQLite3 REQUIRED)
add_executable(preload_program preload_program.cpp)
xray_target(preload_program 20)
target_link_libraries(preload_program PRIVATE SQLite::SQLite3 Threads::Threads)
xray_preload_test(life PROGRAM preload_program)

add_executable(preload_traced_program preload_traced_program.cpp)
xray_target(preload_traced_program 20)
target_link_libraries(preload_traced_program PRIVATE xray::sdk SQLite::SQLite3)
xray_preload_test(library PROGRAM preload_traced_program)

# AddressSanitizer's own part comes first in this one, before everything that is preloaded.
add_executable(preload_sanitized_program preload_program.cpp)
xray_target(preload_sanitized_program 20)
target_compile_options(preload_sanitized_program PRIVATE -fsanitize=address)
target_link_options(preload_sanitized_program PRIVATE -fsanitize=address
  $<$<CXX_COMPILER_ID:GNU>:-static-libasan>)
target_link_libraries(preload_sanitized_program PRIVATE SQLite::SQLite3 Threads::Threads)
set_property(TEST client_preload_library APPEND PROPERTY
  ENVIRONMENT "SANITIZED_PROGRAM=$<TARGET_FILE:preload_sanitized_program>")
xray_preload_test(curl)
xray_preload_test(aws)
xray_preload_test(git)
xray_preload_test(sql)
xray_preload_test(python)
xray_preload_test(perl)
