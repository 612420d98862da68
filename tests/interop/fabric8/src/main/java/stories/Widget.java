package stories;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;

/** A custom resource as a class, as operators in Java have them. */
@Group("fabric8.example.com")
@Version("v1")
public class Widget extends CustomResource<Widget.Spec, Widget.Status> implements Namespaced {
  public static final class Spec {
    public int size;
    public String colour;
  }

  public static final class Status {
    public String phase;
  }

  @Override
  protected Spec initSpec() {
    return new Spec();
  }
}
