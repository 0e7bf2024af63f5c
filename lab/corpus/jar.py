"""Run in a lab host: writes /opt/lab/serve.jar, a Java program that reports and sleeps.

The class is what this compiles to (hosts have no compiler):
    class Serve {
        public static void main(String[] words) throws Exception {
            new java.io.FileOutputStream(words[0]).close();
            Thread.sleep(Long.MAX_VALUE);
        }
    }
"""

import base64
import zipfile

CLASS = """
yv66vgAAADQAIQoAAgADBwAEDAAFAAYBABBqYXZhL2xhbmcvT2JqZWN0AQAGPGluaXQ+AQADKClWBwAIAQAYamF2
YS9pby9GaWxlT3V0cHV0U3RyZWFtCgAHAAoMAAUACwEAFShMamF2YS9sYW5nL1N0cmluZzspVgoABwANDAAOAAYB
AAVjbG9zZQcAEAEADmphdmEvbGFuZy9Mb25nBX//////////CgAUABUHABYMABcAGAEAEGphdmEvbGFuZy9UaHJl
YWQBAAVzbGVlcAEABChKKVYHABoBAAVTZXJ2ZQEABENvZGUBAARtYWluAQAWKFtMamF2YS9sYW5nL1N0cmluZzsp
VgEACkV4Y2VwdGlvbnMHACABABNqYXZhL2xhbmcvRXhjZXB0aW9uACAAGQACAAAAAAACAAAABQAGAAEAGwAAABEA
AQABAAAABSq3AAGxAAAAAAAJABwAHQACABsAAAAgAAQAAQAAABS7AAdZKgMytwAJtgAMFAARuAATsQAAAAAAHgAA
AAQAAQAfAAA=
"""

with zipfile.ZipFile("/opt/lab/serve.jar", "w") as jar:
    jar.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nMain-Class: Serve\n")
    jar.writestr("Serve.class", base64.b64decode(CLASS))
