package interop;

import java.util.jar.JarFile;

/** Loads the classes of some jars and ends: with -XX:ArchiveClassesAtExit they are in the archive then. Arguments: the jars. */
public final class LoadClasses {
    private LoadClasses() {}

    public static void main(String[] jars) throws Exception {
        for (String jar : jars) {
            try (JarFile file = new JarFile(jar)) {
                file.stream().map(entry -> entry.getName()).filter(LoadClasses::isClass).forEach(LoadClasses::load);
            }
        }
    }

    private static boolean isClass(String name) {
        return name.endsWith(".class") && !name.startsWith("META-INF/") && !name.endsWith("module-info.class");
    }

    private static void load(String name) {
        try {
            Class.forName(name.substring(0, name.length() - ".class".length()).replace('/', '.'), false, LoadClasses.class.getClassLoader());
        } catch (LinkageError | ClassNotFoundException e) {
            // What needs a library that is not here nobody can use, and nobody misses it in the archive.
        }
    }
}
