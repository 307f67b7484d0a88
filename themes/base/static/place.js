/*
  The place field. It is a plain text field and works alone: whatever is typed is read by the server. With this
  module it becomes a combobox with suggestions.

    <span class="p-combo" data-place data-none="No place found" data-one="1 place" data-many="{n} places"
          data-list="Places"><input ...></span>

  Arrow keys move, Enter takes the active place, Escape closes, Tab leaves what was typed. The words come with
  the page.
*/
const WAIT_MS = 120;
const SHORTEST = 2;

class PlaceField {
  constructor(box) {
    this.box = box;
    this.input = box.querySelector("input");
    this.list = document.createElement("ul");
    this.said = document.createElement("span");
    this.options = [];
    this.active = -1;
    this.known = new Map();
    this.build();
    this.listen();
  }

  build() {
    const { input, list, said, box } = this;
    list.id = `${input.id}-list`;
    list.className = "p-suggest";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", box.dataset.list);
    list.hidden = true;
    said.className = "p-sr";
    said.setAttribute("role", "status");
    box.append(list, said);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("autocomplete", "off");
  }

  listen() {
    const { input, list } = this;
    input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), WAIT_MS);
    });
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the field keeps the focus
      const option = event.target.closest("li");
      if (option) this.take(this.options.indexOf(option));
    });
  }

  async look() {
    const typed = this.input.value.trim();
    if (typed.length < SHORTEST) {
      this.close();
      return;
    }
    if (!this.known.has(typed)) {
      const answer = await fetch(`/api/v1/places?typing=true&q=${encodeURIComponent(typed)}`, {
        headers: { Accept: "application/json", "Accept-Language": document.documentElement.lang },
      }).catch(() => null);
      if (!answer?.ok) return; // the server reads what was typed anyway
      this.known.set(typed, (await answer.json()).places);
    }
    if (typed !== this.input.value.trim() || document.activeElement !== this.input) return;
    this.show(this.known.get(typed), typed);
  }

  show(places, typed) {
    const { many, none, one } = this.box.dataset;
    this.options = places.map((place, index) => this.option(place, index));
    this.list.replaceChildren(...this.options);
    this.said.textContent = places.length ? (places.length === 1 ? one : many.replace("{n}", places.length)) : none;
    const isTaken = places.length === 1 && places[0].label === typed;
    this.expand(places.length > 0 && !isTaken);
  }

  option(place, index) {
    const option = document.createElement("li");
    const name = document.createElement("span");
    const code = document.createElement("b");
    const where = document.createElement("span");
    option.id = `${this.list.id}-${index}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.value = place.label;
    code.textContent = place.postcode;
    name.append(code, ` ${place.locality}`);
    where.className = "p-mut";
    where.textContent = place.region.split("-").pop();
    option.append(name, where);
    return option;
  }

  key(event) {
    const { key } = event;
    const open = !this.list.hidden;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (!open) {
        this.look();
        return;
      }
      const count = this.options.length;
      const from = this.active === -1 && key === "ArrowUp" ? 0 : this.active;
      this.mark((from + (key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (key === "Enter" && open && this.active >= 0) {
      event.preventDefault();
      this.take(this.active);
    } else if (key === "Escape" && open) {
      event.preventDefault();
      this.close();
    }
  }

  mark(index) {
    this.active = index;
    this.options.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const option = this.options[index];
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  take(index) {
    this.input.value = this.options[index].dataset.value;
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
    this.close();
  }

  expand(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    this.mark(-1);
  }

  close() {
    clearTimeout(this.timer);
    this.expand(false);
  }
}

document.querySelectorAll("[data-place]").forEach((box) => new PlaceField(box));
